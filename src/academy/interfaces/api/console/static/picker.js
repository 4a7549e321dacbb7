// Where a person chooses a file or drops one.

import { el } from "./dom.js";
import { bytes, t } from "./text.js";

/** Make the field; `onPick` gets each file that is chosen. After its form was reset call `shown()`. */
export function filePicker(accept, onPick) {
  const input = el("input", { type: "file", accept, name: "file", required: true });
  const chosen = el("span");
  const node = el("label", { class: "drop" }, chosen, input);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    node.addEventListener(kind, (event) => {
      event.preventDefault();
      node.classList.toggle("over", kind === "dragover" && !input.disabled);
      if (kind === "drop" && event.dataTransfer.files.length && !input.disabled) {
        input.files = event.dataTransfer.files;
        picked();
      }
    });
  }
  input.addEventListener("change", picked);
  shown();

  function picked() {
    shown();
    if (input.files[0]) onPick(input.files[0]);
  }

  function shown() {
    const file = input.files[0];
    chosen.replaceChildren(
      el("strong", { text: file?.name ?? t("chooseFile") }),
      el("span", { class: "muted", text: file ? ` ${bytes(file.size)}` : ` ${t("dropHere")}` }),
    );
  }

  return {
    node,
    input,
    shown,
    get file() {
      return input.files[0];
    },
  };
}
