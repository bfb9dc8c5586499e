// Keys for who decides one claim after the other. The page works without them; they can be switched off, and stay off.

const form = document.querySelector("[data-decision]");
const choice = document.querySelector("[data-shortcuts]");
const REMEMBERED = "baton.shortcuts";

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox])") || target.isContentEditable;
}

function follow(rel) {
  document.querySelector(`a[rel="${rel}"]`)?.click();
}

function choose(key) {
  const option = form.querySelector(`[data-key="${key}"]`);
  if (!option) return;
  option.checked = true;
  // Approving needs no word; the others do, so the next thing typed belongs to the note.
  if (key === "a") option.focus();
  else form.querySelector("textarea").focus();
}

function act(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (!"amrjk".includes(key) || key.length !== 1 || !choice.querySelector("input").checked) return;
  event.preventDefault();
  if (key === "j") follow("next");
  else if (key === "k") follow("prev");
  else choose(key);
}

if (form && choice) {
  const box = choice.querySelector("input");
  choice.hidden = false;
  box.checked = localStorage.getItem(REMEMBERED) !== "off";
  box.addEventListener("change", () => localStorage.setItem(REMEMBERED, box.checked ? "on" : "off"));
  document.addEventListener("keydown", act);
}
