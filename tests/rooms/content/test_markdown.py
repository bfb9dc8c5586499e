"""What each kind of Markdown becomes: small pieces, word for word."""

from __future__ import annotations

import pytest

from lms.content.markdown import plain_text, render, render_inline
from lms.content.reading import reading_grade, syllables

GOLDEN = {
    "plain": ("Easy jogging", "<p>Easy jogging</p>"),
    "emphasis": ("**easy** and *fast*", "<p><strong>easy</strong> and <em>fast</em></p>"),
    "attributes": ("Lead.\n{: .lead }", '<p class="lead">Lead.</p>'),
    "abbreviation": (
        "The PHV.\n\n*[PHV]: peak height velocity",
        '<p>The <abbr title="peak height velocity">PHV</abbr>.</p>',
    ),
    "definitions": ("Jog\n:   Run easily", "<dl>\n<dt>Jog</dt>\n<dd>Run easily</dd>\n</dl>"),
    "tasks": (
        "- [x] done\n- [ ] open",
        '<ul class="task-list">\n<li class="task-list-item">☑ done</li>\n<li class="task-list-item">☐ open</li>\n</ul>',
    ),
    "code": (
        "```python\nn = 1\n```",
        (
            '<div class="highlight"><pre><span></span><code><span class="n">n</span> <span class="o">=</span> '
            '<span class="mi">1</span>\n</code></pre></div>'
        ),
    ),
    "note": (
        "/// note | Hello\ntext\n///",
        '<div class="admonition note">\n<p class="admonition-title">Hello</p>\n<p>text</p>\n</div>',
    ),
    "practice": (
        "/// practice | At practice\ntext\n///",
        '<div class="admonition practice">\n<p class="admonition-title">At practice</p>\n<p>text</p>\n</div>',
    ),
    "details": ("/// details | More\ntext\n///", "<details>\n<summary>More</summary>\n<p>text</p>\n</details>"),
    "tabs": (
        "/// tab | One\nfirst\n///\n\n/// tab | Two\nsecond\n///",
        '<details open=""><summary>One</summary><p>first</p>\n</details><details><summary>Two</summary><p>second</p>\n</details>',
    ),
    "table": (
        "| A | B |\n|---|--:|\n| 1 | 2 |",
        (
            '<div class="table-scroll" tabindex="0" role="group"><table>\n<thead>\n<tr>\n<th scope="col">A</th>\n'
            '<th align="right" scope="col">B</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td align="right">2</td>\n'
            "</tr>\n</tbody>\n</table></div>"
        ),
    ),
    "figure": (
        "![A bar](media/a.svg)\n/// figure-caption\nIt grows.\n///",
        (
            '<figure id="t-__figure-caption_1">\n<p><span class="figure-scroll" tabindex="0" role="group">'
            '<svg aria-label="A bar"></svg></span></p>\n<figcaption>\n<p><span class="caption-prefix">Figure 1.</span> '
            "It grows.</p>\n</figcaption>\n</figure>"
        ),
    ),
    "footnote": (
        "A claim[^1].\n\n[^1]: Source",
        (
            '<p>A claim<sup id="t-fnref:1"><a class="footnote-ref" href="#t-fn:1">1</a></sup>.</p>\n<div class="footnote">\n'
            '<hr>\n<ol>\n<li id="t-fn:1">\n<p>Source&nbsp;<a class="footnote-backref" href="#t-fnref:1" '
            'title="Back to the text">↩</a></p>\n</li>\n</ol>\n</div>'
        ),
    ),
    "formula": (
        "$v$",
        (
            '<p><span class="math inline"><math display="inline" xmlns="http://www.w3.org/1998/Math/MathML"><mrow>'
            "<mi>v</mi></mrow></math></span></p>"
        ),
    ),
    "links": (
        "[a](lesson:energy#sec) [b](module:physiology) [c](https://e.org?a=1&b=2)",
        (
            '<p><a href="/learn/lessons/energy#t-sec">a</a> <a href="/learn/modules/physiology">b</a> '
            '<a href="https://e.org?a=1&amp;b=2" rel="noopener noreferrer">c</a></p>'
        ),
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_each_kind_becomes_what_it_should(name: str) -> None:
    text, expected = GOLDEN[name]

    assert render(text, figures=lambda _source: '<svg aria-label="{alt}"></svg>').html == expected


def test_a_formula_on_its_own_line_can_be_scrolled_by_keys() -> None:
    assert '<span class="math block" tabindex="0" role="group">' in render("$$\nv = s / t\n$$").html


def test_a_column_without_a_name_has_no_empty_heading() -> None:
    html = render("| | Men |\n|---|---|\n| 100 m | 21 % |\n").html

    assert "<td></td>" in html
    assert html.count("<th ") == 1


def test_headings_are_left_to_the_author() -> None:
    assert render("## In the cold").headings == ((2, "In the cold"),)


def test_a_short_piece_stands_without_a_paragraph_and_a_long_one_with_them() -> None:
    assert render_inline("*Easy* jogging").html == "<em>Easy</em> jogging"
    assert render_inline("One\n\nTwo").html == "<p>One</p>\n<p>Two</p>"


def test_words_are_counted_without_figures_and_formulas() -> None:
    assert plain_text("<p>a &lt; b <svg><text>c</text></svg><math><mi>v</mi></math></p>").split() == ["a", "<", "b"]


def test_the_reading_grade_follows_its_formula() -> None:
    words, grade = reading_grade(
        "<p>The athlete runs far. It is a cold day.</p><table><tr><td>not this</td></tr></table>"
    )

    assert words == 9
    assert grade == pytest.approx(0.39 * 9 / 2 + 11.8 * 10 / 9 - 15.59)


@pytest.mark.parametrize(
    ("word", "count"), [("the", 1), ("people", 2), ("distances", 3), ("wanted", 2), ("trained", 1)]
)
def test_syllables_are_about_right(word: str, count: int) -> None:
    assert syllables(word) == count
