// happy-dom has no XPath. htmx looks with it for `hx-on` attributes, which our content security policy forbids anyway.
class NoXPath {
  createExpression() {
    return { evaluate: () => ({ iterateNext: () => null }) };
  }
}

if (!("XPathEvaluator" in globalThis)) Object.assign(globalThis, { XPathEvaluator: NoXPath });
