#include <array>

#include <fmt/format.h>

#include "ravine/report/page_texts.hpp"

namespace ravine::report {

namespace {

struct Term {
  const char* name;
  const char* meaning;
};

constexpr std::array kTerms{
    Term{"Activation, ReLU, dead ReLU",
         "The function applied to every unit of a hidden layer. ReLU keeps positive numbers and "
         "sets the others to zero. A ReLU is dead when it is zero for every input: no gradient "
         "passes through it, so it can no longer learn."},
    Term{"Critical point", "A point where the gradient is zero."},
    Term{"Degrees of freedom",
         "How many numbers a thing is free to choose. A symmetric <i>d</i> × <i>d</i> matrix of "
         "rank <i>r</i> has <i>dr</i> − <i>r</i>(<i>r</i> − 1)/2: a <i>d</i> × <i>r</i> factor, "
         "less the rotations of it that change nothing."},
    Term{"Effective rank",
         "How many singular values <i>s</i> matter. Entropy rank: exp(−Σ <i>p</i> log <i>p</i>) "
         "with "
         "<i>p</i> = <i>s</i>²/Σ<i>s</i>². Stable rank: Σ<i>s</i>² divided by the largest "
         "<i>s</i>². Both are at most the rank."},
    Term{
        "Epoch, step, mini-batch",
        "A step moves the weights once, along the gradient of the mean loss of a few examples, the "
        "mini-batch. An epoch is as many steps as it takes to use every example once."},
    Term{"Exploding and vanishing gradients",
         "Going back from the output, every layer multiplies the gradient by a matrix. If these "
         "shrink it, the first layers hardly learn (vanishing); if they stretch it, steps become "
         "useless (exploding)."},
    Term{"Frobenius norm ‖<i>A</i>‖<sub>F</sub>",
         "The square root of the sum of the squares of all entries: the length of a matrix read as "
         "a vector."},
    Term{
        "Gradient norm",
        "Here: the Frobenius norm of the derivative of the mini-batch&#39;s mean loss with respect "
        "to one layer&#39;s weight matrix."},
    Term{"Hessian",
         "The matrix of second derivatives. Its eigenvalues are the curvatures of the loss along "
         "its eigenvectors: negative bends down, positive bends up."},
    Term{
        "Implicit regularisation",
        "When many solutions fit the data equally well, the method itself prefers some. Nothing in "
        "the loss asks for low rank; gradient descent from a small start finds it all the same."},
    Term{"Inner product ⟨<i>A</i>, <i>B</i>⟩",
         "The sum of the products of equal entries, trace(<i>A</i><sup>T</sup><i>B</i>): one "
         "number."},
    Term{"Linear convergence",
         "Every iteration multiplies the error by about the same factor below one: a straight line "
         "on a log axis."},
    Term{"Minimum-norm solution",
         "Among all matrices that fit every measurement, the one of least Frobenius norm. Least "
         "squares started at zero finds it."},
    Term{"Mode",
         "The part <i>q</i><sup>T</sup><i>U</i> of <i>U</i> along one eigenvector <i>q</i>; its "
         "size is its length. With <i>UU</i><sup>T</sup> = <i>X</i>* it is the root of the "
         "eigenvalue."},
    Term{"Negative log likelihood (NLL)",
         "Minus the logarithm of the probability that the network gives to the right class, "
         "averaged; 0 is perfect, log 10 ≈ 2.30 is a blind guess among ten classes."},
    Term{
        "Over-parameterised",
        "With more parameters than the problem needs: <i>U</i> has <i>R</i> columns where <i>r</i> "
        "&lt; <i>R</i> would do."},
    Term{"Principal angles",
         "How far two subspaces lie apart: the angles between their closest directions, one after "
         "the other. All are 0 when one contains the other."},
    Term{"Second-order stationary point",
         "A critical point whose Hessian has no negative eigenvalue."},
    Term{"Singular values",
         "The factors by which a matrix stretches space along its main directions; as many are "
         "non-zero as its rank says."},
    Term{"Spectral norm <i>σ</i>₁, step <i>c</i>",
         "The largest singular value. Step sizes are given as <i>c</i> = <i>ησ</i>₁(<i>X</i>*), "
         "which does not depend on the scale of the problem; descent needs <i>c</i> &lt; ½."},
    Term{"Strict saddle",
         "A critical point with a direction of negative curvature: a way down that descent takes."},
    Term{"svec",
         "A symmetric matrix written as one vector: its upper triangle, off-diagonal entries times "
         "√2, so that inner products stay the same. It has <i>d</i>(<i>d</i> + 1)/2 numbers, the "
         "unknowns of the problem."},
};

}  // namespace

std::string glossary_html() {
  std::string html = "<dl>\n";
  for (const Term& term : kTerms) {
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", term.name, term.meaning);
  }
  return html + "</dl>\n";
}

}  // namespace ravine::report
