// Marks that were chosen and not saved: said on the page, and asked about before it is left.
// Without this file the form is the same.

const form = document.querySelector("[data-attendance]");
const told = form?.querySelector("[data-unsaved]");
const shown = form && marksOf();
let sent = false;

function marksOf() {
  return JSON.stringify([...new FormData(form)]);
}

function isUnsaved() {
  return !sent && (form.dataset.attendance === "unsaved" || marksOf() !== shown);
}

if (form) {
  form.addEventListener("input", () => {
    told.hidden = !isUnsaved();
  });
  form.addEventListener("submit", () => {
    sent = true;
  });
  addEventListener("pageshow", () => {
    sent = false;
    told.hidden = !isUnsaved();
  });
  addEventListener("beforeunload", (event) => {
    if (isUnsaved()) event.preventDefault();
  });
}
