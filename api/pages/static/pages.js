// Adds what GOV.UK Frontend adds; every page works without it.
const tag = document.querySelector("script[data-frontend]");
const { initAll, isSupported } = await import(tag.dataset.frontend);
if (isSupported !== undefined || "noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  initAll();
}
