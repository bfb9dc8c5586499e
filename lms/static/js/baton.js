// Small comforts. Every page works without this file.

const root = document.documentElement;

// The choice lives in a cookie, so that the server can write it into the page and nothing flashes.
function offerThemes(choice) {
  const select = choice.querySelector("select");
  choice.hidden = false;
  select.addEventListener("change", () => {
    const year = 365 * 24 * 60 * 60;
    document.cookie = `theme=${select.value}; path=/; max-age=${select.value ? year : 0}; samesite=lax`;
    if (select.value) root.dataset.theme = select.value;
    else delete root.dataset.theme;
  });
}

// A second click while the answer is on its way would send the form twice. The value still travels: only the look changes.
function showBusy(event) {
  const button = event.submitter;
  if (!button?.dataset.busy || event.defaultPrevented) return;
  if (button.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  button.setAttribute("aria-busy", "true");
  button.dataset.label = button.textContent;
  button.textContent = button.dataset.busy;
}

// A page that the browser brings back from its memory must not come back busy.
function endBusy() {
  for (const button of document.querySelectorAll('[aria-busy="true"][data-label]')) {
    button.removeAttribute("aria-busy");
    button.textContent = button.dataset.label;
  }
}

document.querySelectorAll("[data-theme-choice]").forEach(offerThemes);
document.addEventListener("submit", showBusy);
addEventListener("pageshow", endBusy);
