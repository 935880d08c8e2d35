// Rules of ours that .redocly.yaml cannot say in its own words. Redocly calls them with each node of the contract.

// A body without a name would become a Go type without one.
const namedBodies = () => ({
  MediaType: {
    enter({ schema }, { report }) {
      const file = schema?.format === 'binary';
      if (!schema?.$ref && !file) report({ message: 'A body is a named schema: give it by $ref.' });
    },
  },
});

// Readers learn from examples before they learn from schemas.
const bodyExamples = () => ({
  MediaType: {
    enter({ example, examples, schema }, { report, resolve }) {
      const of = schema?.$ref ? resolve(schema).node : schema;
      const file = of?.format === 'binary';
      const found = [example, examples, of?.example, of?.examples].some((one) => one !== undefined);
      if (!found && !file) report({ message: 'A body has an example, here or with its schema.' });
    },
  },
});

// What creates must be safe to repeat.
const idempotentCreates = () => ({
  Operation: {
    enter({ parameters = [], responses = {} }, { report, resolve }) {
      const names = parameters.map((one) => (one.$ref ? resolve(one).node : one)?.name);
      if (responses['201'] && !names.includes('Idempotency-Key')) {
        report({ message: 'An operation that creates (201) takes an Idempotency-Key.' });
      }
    },
  },
});

module.exports = () => ({
  id: 'contract',
  rules: {
    oas3: { 'named-bodies': namedBodies, 'body-examples': bodyExamples, 'idempotent-creates': idempotentCreates },
  },
});
