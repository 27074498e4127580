/** Of the login page: a token in the address logs in by itself, and who has a login already needs no form. */

const form = document.querySelector('form') as HTMLFormElement;
const field = form.elements.namedItem('token') as HTMLInputElement;
form.action += location.search;

const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token !== null) {
  // Not in the history, nor in what the next page knows of this one.
  history.replaceState(null, '', location.pathname + location.search);
  field.value = token;
  form.submit();
} else if (location.pathname.endsWith('/')) {
  // A link from another site brings no cookie along; from here it goes with the request.
  const { status } = await fetch('ready');
  if (status !== 401) location.reload();
}

export {};
