// What is ticked in a list goes along with every form that leads to a list again.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!("ticks" in target.dataset)) return;
  for (const box of document.querySelectorAll("input[form=choose]:checked")) {
    formData.append(box.name, box.value);
  }
});
// Adds what GOV.UK Frontend adds; every page works without it.  What a choice reveals is shown
// by the style sheet, so its own script for radio buttons is not wanted.
const tag = document.querySelector("script[data-frontend]");
const frontend = await import(tag.dataset.frontend);
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const name of ["Button", "ErrorSummary", "NotificationBanner", "ServiceNavigation", "SkipLink"]) {
  frontend.createAll(frontend[name]);
}
