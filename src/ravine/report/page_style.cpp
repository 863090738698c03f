#include "ravine/report/page_texts.hpp"

namespace ravine::report {

std::string page_style() {
  return R"css(
:root {
  --text: #1d2329; --faint: #5b6570; --page: #fbfbfa; --card: #ffffff; --line: #dcdfe3;
  --link: #0b5c93; --accent: #0072b2; --good: #00704f; --bad: #b04a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e4e7ea; --faint: #a2abb5; --page: #15181c; --card: #1d2126; --line: #363c44;
    --link: #7cc0ee; --accent: #56b4e9; --good: #3fcf9f; --bad: #ffab6b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 54rem; background: var(--page);
  color: var(--text); font: 1rem/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial,
  "DejaVu Sans", sans-serif; overflow-wrap: break-word;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.5rem 0; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 3.5rem 0 0.5rem; padding-top: 1rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 0.4rem; }
a { color: var(--link); }
p { margin: 0.6rem 0; }
ul, ol { padding-left: 1.3rem; }
li { margin: 0.35rem 0; }
.faint, figcaption { color: var(--faint); }
.question { font-size: 1.12rem; font-style: italic; border-left: 3px solid var(--accent);
  padding-left: 0.8rem; }
.box { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 0.4rem 1.2rem 1rem; margin: 1.2rem 0; }
.box h2 { border: 0; margin: 0.5rem 0; padding: 0; font-size: 1.2rem; }
.notebook { border-left: 3px solid var(--bad); background: var(--card); padding: 0.1rem 1rem;
  margin: 1.2rem 0; }
figure { margin: 1.4rem 0; }
.paper { background: #ffffff; border: 1px solid var(--line); border-radius: 8px; }
.paper svg { display: block; width: 100%; height: auto; }
figcaption { font-size: 0.92rem; margin-top: 0.5rem; }
.scroll { overflow-x: auto; }
.table figcaption { margin: 0 0 0.4rem; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.4; min-width: 60%; }
th, td { padding: 0.35rem 0.7rem 0.35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody th { font-weight: 600; }
.wide { font-size: 0.78rem; }
.wide th, .wide td { padding-right: 0.4rem; }
.part { font-weight: 400; padding-left: 1rem; }
summary { cursor: pointer; font-weight: 600; margin: 1.8rem 0 0.4rem; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.holds { color: var(--good); }
.outside, .fails { color: var(--bad); font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: 0.7rem 0.9rem; overflow-x: auto; font-size: 0.85rem; line-height: 1.5;
  white-space: pre-wrap; }
dt { font-weight: 600; margin-top: 0.9rem; }
dd { margin: 0.1rem 0 0; }
@media (max-width: 40rem) {
  body { padding: 1rem 0.6rem 3rem; }
  .paper { margin: 0 -0.6rem; border-width: 1px 0; border-radius: 0; }
  .paper svg text { font-size: 15px; }
}
@page { margin: 15mm; }
@media print {
  html { font-size: 9pt; }
  body { max-width: none; padding: 0; background: #fff; color: #000; }
  figure, tr, .notebook { break-inside: avoid; }
  .table { break-inside: auto; }
  h2, h3, .question, .table figcaption { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
  th, td { padding: 0.15rem 0.7rem 0.15rem 0; }
  figure { margin: 0.7rem 0; }
  nav { display: none; }
  .scroll { overflow: visible; }
  .paper { border: 0; }
  .paper svg { max-height: 70mm; }
  a { color: inherit; text-decoration: none; }
}
)css";
}

}  // namespace ravine::report
