// Shows how people sign in at this stack.
const config = await (await fetch("/desk/config.json")).json();
const main = document.getElementById("app");
if (main) {
  main.textContent = `Polydesk ${config.version} (${config.mode})`;
}
