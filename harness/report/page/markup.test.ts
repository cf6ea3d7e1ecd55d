import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeText, html, textOf, trusted } from './markup.ts'

describe('html', () => {
  test('escapes what is put in, in text and in attributes', () => {
    const hostile = `</script><img src=x onerror="alert('1')">&`
    expect(textOf(html`<p title="${hostile}">${hostile}</p>`)).toBe(
      '<p title="&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
    )
  })

  test('leaves markup as it is, also in lists, and nothing behind for null, undefined and false', () => {
    expect(
      textOf(html`<ul>${['a', 'b'].map((each) => html`<li>${each}</li>`)}${null}${undefined}${false}${0}</ul>`),
    ).toBe('<ul><li>a</li><li>b</li>0</ul>')
    expect(textOf(trusted('<b>'))).toBe('<b>')
  })

  test('takes no object from a file for markup', () => {
    const forged = JSON.parse('{ "markup": "<script>", "Symbol(markup)": "<script>" }') as string
    expect(textOf(html`${forged}`)).toBe('[object Object]')
  })
})

describe('escapeText', () => {
  test('leaves no character that starts a tag, ends an attribute or is not allowed in XML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeText(text)
        expect(escaped).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/)
        expect(escaped).not.toMatch(/(?![\t\n\r])\p{Cc}|\uFFFE|\uFFFF|\p{Surrogate}/u)
      }),
    )
  })

  test('shows that a line was turned around by a bidirectional override', () => {
    expect(escapeText('user\u202Egpj.exe')).toBe('user\uFFFDgpj.exe')
  })
})
