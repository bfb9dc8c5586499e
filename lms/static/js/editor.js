// The page beside the text follows what is typed. Without this file the button does the same.

const PAUSE = 700;

const form = document.querySelector("[data-editor]");
const source = form?.querySelector("#source");
const numbers = form?.querySelector(".editor-numbers");
const told = form?.querySelector("[data-checked]");
let waiting;
let asked = 0;

function lineOf(link) {
  return Number(link.dataset.line);
}

// Numbers stand beside lines only where a line never breaks, so long lines scroll instead.
function numberLines() {
  const marked = new Set([...form.querySelectorAll("#problems [data-line]")].map(lineOf));
  const count = source.value.split("\n").length;
  numbers.replaceChildren(
    ...Array.from({ length: count }, (_, index) => {
      const line = document.createElement("span");
      line.textContent = `${index + 1}\n`;
      if (marked.has(index + 1)) line.dataset.problem = "";
      return line;
    }),
  );
  numbers.scrollTop = source.scrollTop;
}

function goTo(line, column) {
  const lines = source.value.split("\n");
  const begin = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const at = begin + Math.min(column - 1, lines[line - 1]?.length ?? 0);
  source.focus();
  source.setSelectionRange(at, begin + (lines[line - 1]?.length ?? 0));
  const height = Number.parseFloat(getComputedStyle(source).lineHeight);
  source.scrollTop = Math.max(0, (line - 4) * height);
}

async function check() {
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.editor, { method: "POST", body: new FormData(form) });
    if (!answer.ok && answer.status !== 422) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    for (const id of ["preview", "problems"]) {
      const fresh = page.getElementById(id);
      if (fresh) document.getElementById(id).replaceChildren(...fresh.childNodes);
    }
    told.textContent = "";
    numberLines();
  } catch {
    // Nothing is lost: the text is in the page, and the button still works.
    if (mine === asked) told.textContent = told.dataset.failed ?? "";
  }
}

function typed() {
  numberLines();
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
}

if (source) {
  const opened = source.value;
  const unpublished = "unpublished" in form.dataset;
  let leaving = false;
  source.wrap = "off";
  numbers.hidden = false;
  numberLines();
  source.addEventListener("input", typed);
  source.addEventListener("scroll", () => (numbers.scrollTop = source.scrollTop));
  form.addEventListener("submit", () => (leaving = true));
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(lineOf(link), Number(link.dataset.column));
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && (unpublished || source.value !== opened)) event.preventDefault();
  });
}
