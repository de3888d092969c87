// Nodes of a YAML text, by the npm package `yaml`, in the form that web/yaml_document.cc reads. What
// scalars, aliases and merge keys mean is decided there, so that a page judges as weir itself does.

const kOptions = {schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'error'};

class Refused extends Error {
  constructor(offset, message) {
    super(message);
    this.offset = offset;
  }
}

// [line, column, message] of what is wrong, or the nodes.
export function nodes_of(YAML, text) {
  const lines = new YAML.LineCounter();
  const place = (offset) => {
    const {line, col} = lines.linePos(offset);
    return [line, col];
  };
  try {
    const document = YAML.parseDocument(text, {...kOptions, lineCounter: lines});
    const [error] = document.errors;
    if (error) return [...place(error.pos[0]), error.message];
    return document.contents ? collect(YAML, document.contents, place) : [];
  } catch (error) {
    if (error instanceof Refused) return [...place(error.offset), error.message];
    return [1, 1, 'the YAML parser failed'];  // nested too deep for it
  }
}

function collect(YAML, root, place) {
  const nodes = [];
  const anchors = new Map();
  const add = (node, offset) => {
    const index = nodes.length;
    const at = node?.range?.[0] ?? offset;
    if (YAML.isAlias(node)) {
      if (!anchors.has(node.source)) throw new Refused(at, 'an alias without its anchor');
      nodes.push(['alias', ...place(at), anchors.get(node.source)]);
      return index;
    }
    if (node?.anchor) anchors.set(node.anchor, index);
    if (!YAML.isCollection(node)) {
      const plain = !node || node.type === 'PLAIN';
      nodes.push(['scalar', ...place(at), node?.tag ?? (plain ? '?' : '!'), node?.source ?? '']);
      return index;
    }
    const children = [];
    const kind = YAML.isMap(node) ? 'map' : 'sequence';
    nodes.push([kind, ...place(at), node.tag ?? '', children]);
    for (const item of node.items) {
      if (kind === 'map') {
        children.push(add(item.key, at), add(item.value, item.key?.range?.[1] ?? at));
      } else {
        children.push(add(item, at));
      }
    }
    return index;
  };
  add(root, 0);
  return nodes;
}
