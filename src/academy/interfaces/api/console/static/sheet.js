// Where things stand on an answer sheet, by its specification: shares (0 to 1) of the upright page, as its overlay shows it.

const ROOM_MM = 12; // around a field, so that its number and its neighbours are seen
const MARK_MM = 2; // around its bubbles: outside of the frame that the overlay draws
const HEAD_SHARE = 0.6; // an identifier that ends above this is shown with the head of the page, where the name stands

/** What a page of an exam may hold. */
export class Sheet {
  #spec;
  #blocks = new Map();

  constructor(specification) {
    this.#spec = specification;
    for (const block of specification.blocks) for (const field of block.fields) this.#blocks.set(field, block);
  }

  /** Return the fields that are answers, in the order of the sheet. */
  get answers() {
    return this.#spec.blocks.filter((block) => block.purpose !== "identifier").flatMap((block) => block.fields);
  }

  purpose(field) {
    return this.#blocks.get(field)?.purpose ?? "choice";
  }

  choices(field) {
    return this.#blocks.get(field)?.choices ?? [];
  }

  /** Return the question of a digit, its place from the left and how many there are; null for a field that is a question. */
  digit(field) {
    const block = this.#blocks.get(field);
    if (block?.purpose !== "number") return null;
    return { question: block.name, place: block.fields.indexOf(field) + 1, count: block.fields.length };
  }

  /** Return what to look at for a field: `box` to show, `mark` around its bubbles. */
  place(field) {
    const block = this.#blocks.get(field);
    return block ? this.#shown(bubbles(block, [block.fields.indexOf(field)])) : null;
  }

  /** Return what to look at for the student; null for a sheet without an identifier. */
  get student() {
    const block = this.#spec.blocks.find((each) => each.purpose === "identifier");
    if (!block) return null;
    const { box, mark } = this.#shown(bubbles(block, [...block.fields.keys()]));
    const head = box.bottom < HEAD_SHARE && this.#spec.height > this.#spec.width;
    return { box: head ? { left: 0, top: 0, right: 1, bottom: box.bottom } : box, mark };
  }

  #shown(mm) {
    return { box: this.#share(mm, ROOM_MM), mark: this.#share(mm, MARK_MM) };
  }

  #share(mm, room) {
    const { width, height } = this.#spec;
    return {
      left: Math.max(0, (mm.left - room) / width),
      top: Math.max(0, (mm.top - room) / height),
      right: Math.min(1, (mm.right + room) / width),
      bottom: Math.min(1, (mm.bottom + room) / height),
    };
  }
}

/** Return the box in millimetres around all bubbles of some fields of a block, by their indices. */
function bubbles({ grid, run, choices }, indices) {
  const along = [Math.min(...indices), Math.max(...indices)].map((index) => index * grid.field_step);
  const aside = [0, (choices.length - 1) * grid.choice_step];
  const [xs, ys] = run === "down" ? [aside, along] : [along, aside];
  return {
    left: grid.x + Math.min(...xs) - grid.width / 2,
    right: grid.x + Math.max(...xs) + grid.width / 2,
    top: grid.y + Math.min(...ys) - grid.height / 2,
    bottom: grid.y + Math.max(...ys) + grid.height / 2,
  };
}
