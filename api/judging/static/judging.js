// One click, one answer: the second of two may land on the next item, which nobody has read.
// Nothing else is held back: an answer whose page does not come can be given again, and the last one
// to an item counts.
document.addEventListener("click", function (event) {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
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
