// “Back” to the page before is the browser's own Back, which keeps what is ticked there.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.govuk-back-link");
  const { navigation } = window;
  const before = navigation?.entries()[navigation.currentEntry.index - 1]?.url;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !before) return;
  if (new URL(before).pathname !== link.pathname) return;
  event.preventDefault();
  history.back();
});
// Adds what GOV.UK Frontend adds; every page works without it.  What a choice reveals is shown
// by the style sheet, so its own script for radio buttons is not wanted.
const tag = document.querySelector("script[data-frontend]");
const frontend = await import(tag.dataset.frontend);
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const name of ["Button", "ErrorSummary", "NotificationBanner", "ServiceNavigation", "SkipLink"]) {
  frontend.createAll(frontend[name]);
}
