// What is asked, with every rule, as the page was made with it.

const FORM = JSON.parse(document.getElementById("form-data").textContent);
const PLACES = unpackedPlaces(FORM);

// What every check would otherwise make anew.
for (const question of FORM.questions) {
  const listed = question.known ?? question.options?.map(([code]) => code);
  question.codes = listed ? new Set(listed) : null;
  question.shape = question.pattern ? new RegExp(`^(?:${question.pattern})$`, "u") : null;
}
const SIGNS = FORM.signs.map(([what, pattern, flags]) => [what, new RegExp(pattern, flags)]);
