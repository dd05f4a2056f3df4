// A button beside each snippet that copies it; without scripts a click selects it whole.

const lang = document.documentElement.lang === "en" ? "en" : "it";
const SAY = { it: ["Copia", "Copiato", "Selezionato: copia con Ctrl+C"], en: ["Copy", "Copied", "Selected: copy with Ctrl+C"] }[lang];

for (const code of document.querySelectorAll("pre.copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = SAY[0];
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      told.textContent = ` ${SAY[1]}`;
    } catch {
      getSelection().selectAllChildren(code);
      told.textContent = ` ${SAY[2]}`;
    }
  });
  code.after(button, told);
}
