document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
  if (event.repeat) return;
  const control = document.querySelector('[data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
  if (control) {
    event.preventDefault();
    control.click();
  }
});
