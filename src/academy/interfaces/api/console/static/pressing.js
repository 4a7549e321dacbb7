// Which keys and clicks are meant for the page of the review that is on show.

/** Take a key that was pressed while a form was on show, where it is meant for that. */
export function keyed(event, form) {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.closest("input[type=search], .frame, summary, select") || !(target.closest(".review") || target.matches("body, main"))) return;
  // A key that is held down decides one page and not the next.
  if (event.repeat && (event.key === "Enter" || event.key.length === 1)) {
    event.preventDefault();
    return;
  }
  // A button does what it says; Enter on what is chosen goes on.
  if (event.key === "Enter" && target.closest("button:not(.choice[aria-pressed=true]), [type=checkbox]")) return;
  if (form.key(event.key)) event.preventDefault();
}

/** Keep the second half of a double click that decided a page from the page that came after it; `shown()` is the form on show. */
export function onceOnly(stage, shown) {
  let pressed; // the form on which the person clicked last
  const clicked = (event) => {
    if (event.detail > 1 && pressed !== shown()) event.stopPropagation();
    else pressed = shown();
  };
  stage.addEventListener("click", clicked, true);
}
