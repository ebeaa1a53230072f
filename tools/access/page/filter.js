const find = (selector) => document.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

const filters = find('form');
const groups = all('.matrix tbody').map((body) => ({
  body,
  rows: all('tr[data-kind]', body).map((row) => ({
    row,
    detail: row.nextElementSibling,
    text: `${row.textContent} ${row.nextElementSibling.textContent}`.toLowerCase().replace(/\s+/g, ' '),
    verdicts: row.dataset.verdicts.split(' '),
  })),
}));
const cells = all('[data-persona]');

function open(row, detail, isOpen) {
  row.querySelector('button').setAttribute('aria-expanded', String(isOpen));
  detail.hidden = !isOpen;
}

function isExpanded(row) {
  return row.querySelector('button').getAttribute('aria-expanded') === 'true';
}

function apply() {
  const { search, persona, verdict, kind, type } = Object.fromEntries(new FormData(filters));
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { body, rows } of groups) {
    let inGroup = 0;
    for (const { row, detail, text, verdicts } of rows) {
      const asked = persona === '' ? verdicts : [verdicts[Number(persona)]];
      const matches =
        words.every((word) => text.includes(word)) &&
        (verdict === '' || asked.includes(verdict)) &&
        (kind === '' || row.dataset.kind === kind) &&
        (type === '' || body.dataset.type === type);
      row.hidden = !matches;
      detail.hidden = !matches || !isExpanded(row);
      if (matches) inGroup += 1;
    }
    body.hidden = inGroup === 0;
    shown += inGroup;
  }
  for (const cell of cells) cell.hidden = persona !== '' && cell.dataset.persona !== persona;
  find('#shown').textContent = `${shown} of ${find('#shown').dataset.total} shown`;
  find('.none').hidden = shown > 0;
  // What is found stands right beneath the filters.
  find('.glance').hidden = [search.trim(), persona, verdict, kind, type].some(Boolean);
}

function applyFromTop() {
  apply();
  find('main').scrollTop = 0;
}

for (const { rows } of groups) {
  for (const { row, detail } of rows) {
    open(row, detail, false);
    row.querySelector('button').addEventListener('click', () => open(row, detail, !isExpanded(row)));
  }
}
filters.addEventListener('input', applyFromTop);
filters.addEventListener('submit', (event) => event.preventDefault());
// The fields have their first values only once the event is over.
filters.addEventListener('reset', () => setTimeout(applyFromTop));
for (const link of all('.summary a')) {
  link.addEventListener('click', () => {
    filters.elements.type.value = link.dataset.type;
    apply();
  });
}
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, select')) return;
  event.preventDefault();
  filters.elements.search.focus();
});
apply();
