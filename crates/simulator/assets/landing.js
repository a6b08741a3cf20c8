// Hands the answer of an implicit grant, which stands in the fragment, to the console.

const answer = location.hash.slice(1);
const form = document.querySelector("#landing");
// The token leaves the address line, and with it the browser's history.
history.replaceState(null, "", location.pathname);
if (answer) {
  form.elements.fragment.value = answer;
  form.submit();
} else {
  document.querySelector("#lead").textContent =
    "The authorization server sent nothing behind the # of this address. Begin again in the companion.";
}
