// SPDX-License-Identifier: Apache-2.0
// The page that `serve` shows: it asks which model is served and shows what fits its task.

const PAUSE = 160; // ms without a key before the model is asked
const LOOK_BACK = 2000; // characters of the text that the model is given
const NEWS = 5000; // ms between two looks at which model is served
const $ = id => document.getElementById(id);

/** An element with a class, text and children. */
function make(tag, style, ...children) {
  const element = document.createElement(tag);
  if (style) element.className = style;
  element.append(...children);
  return element;
}

/** A problem that the server told in words, or that it could not be reached (status 0). */
class Refusal extends Error {
  constructor(status, message, after) {
    super(message);
    this.status = status;
    this.after = after;
  }
}

/** Asks the server; the answer is checked but not read. */
async function ask(path, body, signal) {
  const headers = {};
  const key = sessionStorage.getItem('key');
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(path, {
      method: body ? 'POST' : 'GET', headers, signal, cache: 'no-store', body: body && JSON.stringify(body),
    });
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new Refusal(0, 'The server does not answer.');
  }
  if (!answer.ok) {
    const told = await answer.json().catch(() => null);
    throw new Refusal(
      answer.status, told?.error?.message ?? `The server answered ${answer.status}.`,
      Number(answer.headers.get('Retry-After')) || 1);
  }
  return answer;
}

/** The events of a stream, parsed. */
async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').filter(line => line.startsWith('data:'))
          .map(line => line.slice(5).replace(/^ /, '')).join('\n');
        if (data === '[DONE]') return;
        if (!data) continue;
        const event = JSON.parse(data);
        if (event.error) throw new Refusal(500, event.error.message);
        yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function notice(text, news) {
  $('notice').textContent = text ?? '';
  $('notice').className = news ? 'notice news' : 'notice';
  $('notice').hidden = !text;
}

/**
 * One question at a time: a newer one ends the one under way. What is busy or away is asked again
 * after a while, what is wrong is told.
 */
class Asker {
  #under;
  #timer;

  /** Asks after a pause in typing. */
  soon(question, pause = PAUSE) {
    this.stop();
    this.#timer = setTimeout(() => this.now(question), pause);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#under?.abort();
    this.#under = null;
  }

  async now(question) {
    this.stop();
    const under = new AbortController();
    this.#under = under;
    try {
      await question(under.signal);
      if (this.#under === under) notice(null);
    } catch (problem) {
      if (under.signal.aborted) return;
      if (!(problem instanceof Refusal)) throw problem;
      if (problem.status === 401) return askForKey(() => this.now(question));
      const again = [0, 429, 503].includes(problem.status);
      notice(problem.message + (again ? ' The page tries again.' : ''));
      if (again) this.#timer = setTimeout(() => this.now(question), 1000 * (problem.after ?? 1));
    }
  }
}

function askForKey(then) {
  $('key').hidden = false;
  $('key').onsubmit = event => {
    event.preventDefault();
    sessionStorage.setItem('key', $('secret').value);
    $('secret').value = '';
    $('key').hidden = true;
    then();
  };
  $('secret').focus();
}

/** The last code points of a text, never half of one. */
function tail(text, most) {
  const cut = Math.max(0, text.length - most);
  const low = text.charCodeAt(cut);
  return text.slice(low >= 0xdc00 && low < 0xe000 ? cut + 1 : cut);
}

/** A language model: a text that it goes on with, in grey. */
class Writer {
  #asker = new Asker();
  #ways = [];
  #shown = 0;
  #writing = false;

  constructor(model) {
    this.model = model;
    this.typed = document.querySelector('.typed');
    this.ghost = document.querySelector('.ghost');
    this.text = $('text');
    this.text.addEventListener('input', () => this.#changed());
    this.text.addEventListener('keydown', event => this.#key(event));
    document.addEventListener('selectionchange', () => this.#draw());
    $('accept').onclick = () => this.#accept(this.#way());
    $('another').onclick = () => this.#next(1);
    $('write').onclick = () => (this.#writing ? this.#halt() : this.#write());
    $('draw').onclick = () => {
      $('seed').value = Math.floor(Math.random() * 2 ** 31);
      this.#changed();
    };
    for (const id of ['temperature', 'top-p', 'length', 'count']) {
      const show = () => { $(`${id}-shown`).value = $(id).value; };
      show();
      $(id).addEventListener('input', () => { show(); this.#changed(); });
    }
    $('seed').addEventListener('input', () => this.#changed());
    if (matchMedia('(max-width: 46rem)').matches) $('controls').open = false;
    this.#draw();
  }

  /** Asks anew, as when another model has come. */
  refresh() {
    if (this.text.value && !this.#writing) this.#changed();
  }

  #request(length, count) {
    const about = this.model.unroll;
    return {
      model: this.model.id, prompt: tail(this.text.value, Math.min(LOOK_BACK, about.max_prompt)),
      max_tokens: Math.min(length, about.max_tokens), n: count, stream: true,
      temperature: Number($('temperature').value), top_p: Number($('top-p').value),
      seed: Number($('seed').value) || 0,
    };
  }

  #changed() {
    this.#halt();
    this.#asker.stop();
    this.#ways = [];
    this.#shown = 0;
    this.#draw();
    this.#list();
    if (!this.text.value) return;
    this.#asker.soon(async signal => {
      const count = Number($('count').value);
      const ways = Array(count).fill('');
      const answer = await ask('v1/completions', this.#request(Number($('length').value), count), signal);
      for await (const event of events(answer)) {
        for (const choice of event.choices) ways[choice.index] += choice.text;
        this.#ways = ways;
        this.#draw();
      }
      this.#ways = [...new Set(ways)].filter(way => way);
      this.#draw();
      this.#list();
      if (this.#ways.length) $('said').textContent = `Goes on: ${this.#way()} Tab accepts.`;
    });
  }

  #way() {
    return this.#ways[this.#shown] ?? '';
  }

  #atEnd() {
    const { selectionStart, selectionEnd, value } = this.text;
    return selectionStart === value.length && selectionEnd === value.length;
  }

  #draw() {
    if (this.typed.textContent !== this.text.value) this.typed.textContent = this.text.value;
    const way = this.#atEnd() && !this.#writing ? this.#way() : '';
    if (this.ghost.textContent !== way) this.ghost.textContent = way;
    $('accept').disabled = !way;
    $('another').disabled = this.#ways.length < 2;
  }

  #list() {
    $('ways').replaceChildren(...this.#ways.map((way, i) => {
      const button = make('button', '', way);
      button.type = 'button';
      button.setAttribute('aria-current', i === this.#shown);
      button.onclick = () => { this.#accept(way); };
      return make('li', '', button);
    }));
  }

  #next(by) {
    if (this.#ways.length < 2) return;
    this.#shown = (this.#shown + by + this.#ways.length) % this.#ways.length;
    this.#draw();
    this.#list();
    $('said').textContent = `Goes on: ${this.#way()}`;
  }

  #key(event) {
    const offered = this.ghost.textContent;
    const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.isComposing) return;
    if (event.key === 'Tab' && plain && offered) {
      event.preventDefault();
      this.#accept(offered);
    } else if (event.key === 'ArrowRight' && (event.ctrlKey || event.altKey) && offered) {
      event.preventDefault();
      this.#acceptWord(offered);
    } else if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      this.#next(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Escape' && plain && (offered || this.#writing)) {
      event.preventDefault();
      this.#halt();
      this.#dismiss();
    }
  }

  #dismiss() {
    this.#asker.stop();
    this.#ways = [];
    this.#shown = 0;
    this.#draw();
    this.#list();
    $('said').textContent = 'Dismissed.';
  }

  #append(text) {
    this.text.value += text;
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  #accept(way) {
    this.#append(way);
    this.text.focus();
    this.#changed();
  }

  /** Takes one word of what is offered; the rest stays, as it is what would be said again. */
  #acceptWord(way) {
    const word = way.match(/^\s*\S+/u)?.[0] ?? way;
    this.#append(word);
    this.#ways = [way.slice(word.length)].filter(rest => rest);
    this.#shown = 0;
    this.#draw();
    this.#list();
    if (!this.#ways.length) this.#changed();
  }

  /** Lets the model write into the text until it is told to stop. */
  #write() {
    this.#dismiss();
    this.#writing = true;
    $('write').textContent = 'Stop';
    this.#asker.now(async signal => {
      const answer = await ask('v1/completions', this.#request(400, 1), signal);
      for await (const event of events(answer)) {
        this.#append(event.choices[0]?.text ?? '');
        this.#draw();
        if (!this.#writing) return;
      }
      this.#halt();
      this.#changed();
    }).finally(() => this.#halt());
  }

  #halt() {
    if (!this.#writing) return;
    this.#writing = false;
    this.#asker.stop();
    $('write').textContent = 'Write on';
    this.#draw();
  }
}

/** A table of weights: the stronger the colour the larger. */
function heat(read, written, weights) {
  const head = make('tr', '', make('td'));
  for (const token of read) {
    const name = make('th', '', token);
    name.scope = 'col';
    head.append(name);
  }
  const body = make('tbody');
  written.forEach((token, t) => {
    const name = make('th', '', token);
    name.scope = 'row';
    const row = make('tr', '', name);
    for (const weight of weights[t]) {
      const cell = make('i');
      cell.style.opacity = weight;
      const data = make('td', '', cell, make('span', 'hidden', weight.toFixed(2)));
      data.title = weight.toFixed(2);
      row.append(data);
    }
    body.append(row);
  });
  const box = make('div', 'scroll', make('table', 'heat', make('thead', '', head), body));
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', 'What was read for each word that was written');
  return box;
}

/** Labels with their probabilities, the likeliest first. */
function bars(probabilities) {
  const list = make('ol', 'bars');
  const sorted = Object.entries(probabilities).sort((a, b) => b[1] - a[1]).slice(0, 12);
  for (const [label, probability] of sorted) {
    const bar = make('b');
    bar.style.width = `${100 * probability}%`;
    const track = make('i', '', bar);
    track.setAttribute('aria-hidden', 'true');
    const share = make('em', '', `${(100 * probability).toFixed(1)} %`);
    list.append(make('li', '', make('span', '', label), track, share));
  }
  return list;
}

/** Words with their tags under them; a tag has its colour whatever else is there. */
function tags(words, given) {
  const list = make('ol', 'tags');
  words.forEach((word, i) => {
    const kind = given[i].replace(/^[BIES]-/u, '');
    const tone = [...kind].reduce((sum, c) => (31 * sum + c.codePointAt(0)) % 8191, 7) % 8;
    list.append(make('li', given[i] === 'O' ? 'none' : `tone${tone}`, make('span', '', word), make('small', '', given[i])));
  });
  return list;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A series and how it goes on: a line, and a band where quantiles are known. */
function chart(past, next, low, high) {
  const [height, left, edge] = [300, 52, 18];
  const width = Math.min(1000, Math.max(320, $('answer').clientWidth));
  const all = [...past, ...next, ...(low ?? []), ...(high ?? [])];
  const bottom = Math.min(...all);
  const span = Math.max(...all) - bottom || 1;
  const steps = past.length + next.length - 1 || 1;
  const x = i => left + i * (width - left - edge) / steps;
  const y = v => height - edge - (v - bottom) * (height - 2 * edge) / span;
  const points = (values, from) => values.map((v, i) => `${x(from + i).toFixed(1)},${y(v).toFixed(1)}`);
  const joint = past.length - 1;
  const picture = svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img' },
    svg('title', {}, `A series of ${past.length} steps and ${next.length} that are forecast`));
  for (const v of [bottom, bottom + span / 2, bottom + span]) {
    picture.append(svg('line', { x1: left, x2: width - edge, y1: y(v), y2: y(v) }));
    picture.append(svg('text', { x: left - 8, y: y(v) + 4, 'text-anchor': 'end' }, Number(v.toPrecision(3)).toString()));
  }
  if (low && high) {
    const around = [...points(low, joint + 1), ...points(high, joint + 1).reverse()];
    picture.append(svg('polygon', { class: 'band', points: around.join(' ') }));
  }
  picture.append(svg('polyline', { class: 'past', points: points(past, 0).join(' ') }));
  const on = past.length ? [past[joint], ...next] : next;
  picture.append(svg('polyline', { class: 'next', points: points(on, Math.max(joint, 0)).join(' ') }));
  for (const point of next.length < 3 ? points(next, joint + 1) : []) {
    const [cx, cy] = point.split(',');
    picture.append(svg('circle', { class: 'dot', cx, cy, r: 4 }));
  }
  return picture;
}

/** The vector of a state as a strip of cells, from the least to the most. */
function strip(values) {
  const most = Math.max(...values.map(Math.abs)) || 1;
  return heat(values.map(() => ''), ['state'], [values.map(value => (value + most) / (2 * most))]);
}

/** What is typed, as the row of a table that the model reads, and how to ask for it. */
class Rows {
  constructor(about) {
    const { text_columns: texts, feature_columns: features, channels } = about;
    this.about = about;
    this.texts = texts;
    this.features = features;
    if (texts.length === 1 && !features.length) {
      this.kind = 'text';
      this.asks = about.task === 'tag' ? 'Words, with blanks between them' : 'Text';
    } else if (!texts.length && (features.length === 1 || features.length === channels)) {
      this.kind = 'numbers';
      this.asks = channels === 1 ? 'Numbers, a step a line' : `Steps, a line each, of ${channels} numbers`;
    } else {
      this.kind = 'row';
      this.asks = `A row as JSON, with ${[...texts, ...features].join(', ')}`;
    }
  }

  /** The row of a text, or null where there is nothing to ask yet. */
  of(text) {
    if (!text.trim()) return null;
    if (this.kind === 'text') return { [this.texts[0]]: this.about.task === 'tag' ? this.words(text) : text };
    if (this.kind === 'row') return JSON.parse(text);
    const steps = this.numbers(text);
    if (this.features.length === 1) {
      return { [this.features[0]]: this.about.channels === 1 ? steps.map(step => step[0]) : steps };
    }
    return Object.fromEntries(this.features.map((name, i) => [name, steps.map(step => step[i])]));
  }

  words(text) {
    return this.about.unit === 'char' ? [...text.replace(/\s/gu, '')]
      : text.match(/[\p{L}\p{N}]+(?:[-’'.][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu) ?? [];
  }

  numbers(text) {
    const steps = text.split('\n').filter(line => line.trim())
      .map(line => line.trim().split(/[\s,;]+/u).map(Number));
    steps.forEach((step, i) => {
      if (step.length !== this.about.channels || !step.every(Number.isFinite)) {
        throw new SyntaxError(`Line ${i + 1} must have ${this.about.channels} numbers.`);
      }
    });
    return steps;
  }

  /** Numbers to try a model with: a wave, or null where there is none. */
  example() {
    if (this.kind !== 'numbers') return null;
    const wave = (t, c) => (Math.sin((t + 3 * c) / 3.2) + 0.3 * Math.sin(t / 1.1 + c)).toFixed(2);
    return Array.from({ length: 48 }, (_, t) => Array.from({ length: this.about.channels }, (_, c) => wave(t, c)).join(' '))
      .join('\n');
  }
}

/** A model that answers: a row that is typed, and what is said of it. */
class Reader {
  #asker = new Asker();

  constructor(model) {
    const about = model.unroll;
    this.model = model;
    this.rows = new Rows(about);
    this.writes = about.answers.includes('score');
    const text = $('text');
    document.querySelector('.field').textContent = this.rows.asks;
    text.classList.toggle('data', this.rows.kind !== 'text');
    text.addEventListener('input', () => this.refresh());
    const example = this.rows.example();
    $('example').hidden = !example;
    $('example').onclick = () => { text.value = example; this.refresh(); };
  }

  /** Asks what the model says of what is typed. */
  refresh() {
    let row;
    try {
      row = this.rows.of($('text').value);
    } catch (problem) {
      this.#asker.stop();
      $('answer').replaceChildren(make('p', 'note', problem.message));
      return;
    }
    if (!row) {
      this.#asker.stop();
      $('answer').replaceChildren();
      return;
    }
    this.#asker.soon(async signal => {
      const options = this.writes ? { attention: true, beam: 4, n_best: 3 } : {};
      const answer = await ask('predict', { rows: [row], ...options }, signal);
      const said = (await answer.json()).data[0];
      $('answer').replaceChildren(...this.#shown(said, row));
    });
  }

  #shown(said, row) {
    const { task } = this.model.unroll;
    if (task === 'classify') return [make('h2', '', said.prediction), bars(said.probabilities)];
    if (task === 'tag') return [tags(Object.values(row)[0], said.prediction)];
    if (task === 'forecast') return this.#forecast(said.prediction, row);
    if (task === 'state') {
      const last = said.state[said.state.length - 1];
      return [make('h2', '', 'State after the last step'), strip(last),
        make('p', 'note', `Expected next: ${[said.prediction[said.prediction.length - 1]].flat().join(' ')}`)];
    }
    if (task === 'recognise') return [make('p', 'written', said.prediction || '(nothing)')];
    return this.#written(said);
  }

  #forecast(forecast, row) {
    const { channels, settings } = this.model.unroll;
    const series = Object.values(row);
    const past = c => (series.length > 1 ? series[c] : channels === 1 ? series[0] : series[0].map(step => step[c]));
    if (settings.values > 0) {
      return [make('p', 'written', forecast.map(v => Number(v.toPrecision(5))).join(' '))];
    }
    return Array.from({ length: channels }, (_, c) => chart(past(c), forecast.filter((_, i) => i % channels === c)))
      .concat(make('p', 'note', `Next: ${forecast.map(v => Number(v.toPrecision(4))).join(', ')}`));
  }

  #written(said) {
    const shown = [make('p', 'written', said.prediction || '(nothing)')];
    if (said.n_best?.length > 1) {
      const others = said.n_best.slice(1).map(text => make('li', '', text));
      shown.push(make('ol', 'others', ...others));
    }
    if (said.alignment?.length && said.written) {
      const read = said.tokens ?? said.alignment[0].map((_, i) => `${i + 1}`);
      const names = said.alignment[0].map((_, i) => read[i] ?? '');
      shown.push(make('h2', '', 'What it looked at'), heat(names, said.written, said.alignment));
    }
    return shown;
  }
}

const TASKS = {
  lm: 'Language model', classify: 'Classifier', tag: 'Tagger', forecast: 'Forecaster', recognise: 'Recogniser',
  state: 'State encoder', translate: 'Translator', caption: 'Captions', execute: 'Executor',
};
const UNITS = { char: 'characters', word: 'words', bpe: 'byte pairs' };
let view;
let seen;

async function served() {
  return (await (await ask('v1/models')).json()).data[0];
}

function title(model) {
  const { task, unit, parameters, version, vocabulary } = model.unroll;
  $('kind').textContent = `Unroll · ${TASKS[task] ?? task}`;
  $('name').textContent = model.id;
  document.title = `${model.id} · Unroll`;
  const parts = [version && `version ${version}`, `${parameters.toLocaleString('en')} parameters`,
    vocabulary && `vocabulary of ${vocabulary.toLocaleString('en')} ${UNITS[unit] ?? 'tokens'}`];
  $('summary').textContent = parts.filter(part => part).join(' · ');
}

async function begin() {
  try {
    const model = await served();
    notice(null);
    title(model);
    seen = model.unroll.fingerprint;
    const writes = model.unroll.task === 'lm';
    $('view').replaceChildren($(writes ? 'view-lm' : 'view-text').content.cloneNode(true));
    $('view').hidden = false;
    view = writes ? new Writer(model) : new Reader(model);
    $('text').focus({ preventScroll: true });
    setInterval(look, NEWS);
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    if (problem.status === 401) return askForKey(begin);
    notice(`${problem.message} The page tries again.`);
    setTimeout(begin, 1000 * (problem.after ?? 1));
  }
}

/** Looks whether another version is served by now. */
async function look() {
  if (document.hidden) return;
  try {
    const model = await served();
    if (model.unroll.fingerprint === seen) return;
    if (model.unroll.task !== view.model.unroll.task) return location.reload();
    seen = model.unroll.fingerprint;
    view.model = model;
    title(model);
    notice(`A new version answers from now on${model.unroll.version ? `: ${model.unroll.version}` : ''}.`, true);
    view.refresh();
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
  }
}

begin();
