#include "ravine/report/markup.hpp"
#include "ravine/report/page_texts.hpp"

namespace ravine::report {

std::string notebook_errors_html() {
  HtmlTable table;
  table.header = {"The notebook", "What was wrong", "Ravine"};
  table.rows = {
      {"computed labels and gradients with <code>np.inner(a, X)</code>",
       "For two matrices that is the matrix product <i>aX</i><sup>T</sup>, not the number "
       "⟨<i>A</i>, <i>X</i>⟩: every label was a <i>d</i> × <i>d</i> matrix, and the curves "
       "belong to "
       "another problem.",
       "⟨<i>A</i>, <i>X</i>⟩ = trace(<i>A</i><sup>T</sup><i>X</i>), a scalar."},
      {"gave a gradient that still contains the perturbation <i>V</i>",
       "A gradient does not depend on the direction it is tested in; and with 1/(2<i>m</i>) in the "
       "loss there is no extra factor 2.",
       "∇<i>f</i>(<i>U</i>) = 1/<i>m</i> Σ <i>r<sub>i</sub></i> (<i>A<sub>i</sub></i> + "
       "<i>A<sub>i</sub></i><sup>T</sup>) <i>U</i>, checked against finite differences."},
      {"built <i>X</i>* from a stale <i>U</i>, and drew <i>U</i>* and <i>W</i> uniformly",
       "The text says Gaussian; a matrix of uniform entries has one dominant singular value and is "
       "badly conditioned.",
       "Gaussian entries from one seed; uniform ones are an option."},
      {"typed 10E-5 … 10E-1 as <code>10.e-5</code> … <code>10.e-1</code>",
       "<code>10.e-5</code> is 10⁻⁴: every start was ten times larger than its label.",
       "<i>α</i> = 1, 10⁻¹, …, 10⁻⁵, written into every table."},
      {"overwrote <code>u</code> by the left singular vectors and stepped <i>U</i> with a gradient "
       "taken elsewhere",
       "The singular values shown are not those of gradient descent.",
       "Singular values of the iterates themselves, which are not touched."},
      {"swapped the axes of the over-parameterised figure",
       "The distance belongs on <i>y</i>, the iteration on <i>x</i>.",
       "Distance against <i>t</i> for every <i>α</i> in one figure."},
      {"concluded that ±<i>U</i>* “are not critical points but only second order stationary "
       "points”",
       "A second-order stationary point is a critical point by definition.",
       "They are both, and the global minima; 0 is critical but not second-order stationary."},
      {"built the last layer from <code>hidden_sizes[0]</code>, never used its dropout layer, and "
       "called log-softmax without an axis",
       "Unequal hidden sizes could not run.",
       "Any list of hidden sizes; every part that is built is used."},
      {"called the mean of the step norms “the” gradient norm",
       "The norm of the mean gradient is a different, smaller number.",
       "Every step is recorded; an epoch&#39;s value is called the mean of its step norms."},
      {"began recording after the model had trained for about an epoch",
       "What it calls epoch 1 is epoch 2 of a fresh model.",
       "Recording begins with the first step."},
  };
  return html_of(table);
}

}  // namespace ravine::report
