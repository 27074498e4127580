/** Takes away what is on the screen, made in the browser from the figures that it has. */

interface ExportParts {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly csv: () => string;
  readonly json: () => unknown;
}

export function Export({ name, csv, json }: ExportParts) {
  return (
    <span class="export">
      <button type="button" class="quiet" onClick={() => save(`${name}.csv`, 'text/csv', csv())}>
        CSV
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => save(`${name}.json`, 'application/json', JSON.stringify(json(), null, 1))}
      >
        JSON
      </button>
    </span>
  );
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `clawgauge-${name}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
