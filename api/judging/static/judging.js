// One click, one answer: the second of two may land on the next item, which nobody has read.
let sent = false;
document.addEventListener("submit", function (event) {
  if (sent) event.preventDefault();
  sent = true;
});
document.addEventListener("click", function (event) {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
});
window.addEventListener("pageshow", function () {
  sent = false;
});
document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
  if (event.repeat) return;
  const control = document.querySelector('[data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
  if (control) {
    event.preventDefault();
    control.click();
  }
});
