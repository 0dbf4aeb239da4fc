// The page that measures: what stands where, and what a click does. How it is measured is in measure.js.
import { WORKLOADS, peak, points, product, step } from './measure.js';
import { REFERENCE } from './reference.js';

const $ = id => document.getElementById(id);
const [form, run, cancel, copy, say, bar, progress, machine, works] =
  ['controls', 'run', 'cancel', 'copy', 'say', 'bar', 'progress', 'machine', 'works'].map($);
const devices = form.querySelector('fieldset');

/** Milliseconds on the logarithmic scale of all bars: a microsecond to a hundred seconds. */
const [FROM, DECADES] = [1e-3, 8];
const share = ms => Math.min(1, Math.max(0, Math.log10(ms / FROM) / DECADES));
const DEVICES = { cpu: 'CPU', webgpu: 'WebGPU' };

/** A time as one reads it: three digits and a unit. */
function time(ms) {
  const [value, unit] = ms < 1 ? [ms * 1000, 'µs'] : ms < 1000 ? [ms, 'ms'] : [ms / 1000, 's'];
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
}

const rate = gflops => `${gflops >= 100 ? Math.round(gflops) : gflops.toFixed(1)} GFLOP/s`;
const times = ratio => `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)} times`;

/** An element with attributes and children; `null` children are left out. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter(child => child != null));
  return made;
}

/** What was found: by workload and device. */
let found = new Map();
let figures = [];

function row(whose, label, device) {
  const [scale, value] = [element('div', { class: 'scale', style: `--decades: ${DECADES}` }, element('span')), element('td')];
  const line = element('tr', { 'data-whose': whose, ...(device && { 'data-device': device }) },
    element('th', { scope: 'row' }, label), element('td', {}, scale), value);
  return {
    line,
    show(ms) {
      line.removeAttribute('data-state');
      scale.firstChild.style.setProperty('--share', share(ms));
      value.textContent = time(ms);
    },
    wait(state) {
      line.dataset.state = state;
      scale.firstChild.style.setProperty('--share', 0);
      value.textContent = state === 'running' ? '…' : '–';
    },
    fail(why) {
      line.dataset.state = 'failed';
      value.textContent = '–';
      line.title = why;
    },
  };
}

function axis() {
  const mark = ([text, ms]) => element('span', { style: `--at: ${share(ms)}` }, text);
  return element('div', { class: 'axis' }, ...[['1 µs', 0.001], ['1 ms', 1], ['1 s', 1000]].map(mark));
}

/** A workload's card: ours first, then what others need. */
function card({ id, label, help }) {
  const ours = { cpu: row('here', 'Here, CPU', 'cpu'), webgpu: row('here', 'Here, WebGPU', 'webgpu') };
  const others = Object.entries(REFERENCE.steps[id]).sort(([, a], [, b]) => a - b);
  const rows = others.map(([name, ms]) => {
    const other = row('there', name);
    other.show(ms);
    return other.line;
  });
  Object.values(ours).forEach(one => one.wait('waiting'));
  const verdict = element('p', { class: 'verdict' });
  works.append(element('section', { class: 'work', 'aria-label': label },
    element('div', {}, element('h2', {}, label), element('p', { class: 'work-help' }, help),
      element('p', { class: 'work-help' }, element('span', { class: 'work-id' }, id)), verdict),
    element('table', {},
      element('caption', { class: 'visually-hidden' }, `${label}: time of one step`),
      element('thead', { class: 'visually-hidden' }, element('tr', {},
        ...['Where', 'Bar, logarithmic', 'A step'].map(text => element('th', { scope: 'col' }, text)))),
      element('tbody', {}, ours.cpu.line, ours.webgpu.line, ...rows),
      element('tfoot', { 'aria-hidden': 'true' }, element('tr', {}, element('td'), element('td', {}, axis()), element('td'))))));
  return { ours, verdict };
}

const cards = new Map(WORKLOADS.map(workload => [workload.id, card(workload)]));
$('reference').textContent = `another machine (${REFERENCE.machine}; ${REFERENCE.date}; ${REFERENCE.versions})`;
if (!navigator.gpu) {
  const box = form.elements.webgpu;
  box.checked = false;
  box.disabled = true;
  box.parentElement.dataset.missing = '';
  box.parentElement.append(' (not in this browser)');
}

/** What the best time here is beside PyTorch's. */
function judge(id) {
  const mine = Object.keys(DEVICES).map(device => found.get(`${id} ${device}`)).filter(Boolean);
  if (!mine.length) return;
  const best = Math.min(...mine.map(({ ms }) => ms));
  const ratio = REFERENCE.steps[id]['PyTorch, one core'] / best;
  cards.get(id).verdict.textContent = ratio >= 1.05
    ? `${times(ratio)} as fast as PyTorch there`
    : ratio > 0.95 ? 'As fast as PyTorch there' : `PyTorch there is ${times(1 / ratio)} as fast`;
}

/** A place for a figure, there from the start so that nothing moves when it comes: call it with the figure and a note. */
function place(name) {
  const [value, note] = [element('b', {}, '–'), element('p', {}, '\u00a0')];
  machine.hidden = false;
  machine.append(element('div', {}, element('p', {}, name), value, note));
  return (found, about) => {
    figures.push([name, found, about]);
    [value.textContent, note.textContent] = [found, about];
  };
}

/** Everything that is to be done, with the sentence that is said meanwhile. */
function tasks(chosen) {
  const all = [];
  const add = (sentence, work) => all.push({ sentence, work });
  for (const { id, label } of WORKLOADS) {
    for (const device of chosen) {
      const { ours } = cards.get(id);
      add(`${label} on ${DEVICES[device]}`, async signal => {
        ours[device].wait('running');
        try {
          const result = await step(id, { device, signal });
          found.set(`${id} ${device}`, result);
          ours[device].show(result.ms);
          judge(id);
        } catch (error) {
          if (signal.aborted) ours[device].wait('waiting');
          else ours[device].fail(error.message);
          throw error;
        }
      });
    }
  }
  let best;
  const vector = place('Vector peak of one core');
  add('The most that one core can do', async () => {
    const { mulAdd, relaxed } = await peak();
    best = Math.max(mulAdd, relaxed ?? 0);
    vector(rate(best), relaxed > mulAdd ? 'multiply and add as one' : 'multiply, then add');
  });
  for (const device of chosen) {
    const n = device === 'cpu' ? 512 : 1024;
    const figure = place(`${n} × ${n} product, ${DEVICES[device]}`);
    add(`Matrix product on ${DEVICES[device]}`, async signal => {
      const { gflops } = await product(n, { device, budget: 600, signal });
      figure(rate(gflops),
        device === 'cpu' ? `${Math.round(100 * gflops / best)} % of the peak` : 'through WebGPU');
    });
  }
  if (chosen.includes('cpu')) {
    const figure = place('Points, many steps a call');
    add('Thousands of small steps', async signal => {
      const { ms } = await points({ device: 'cpu', budget: 600, signal });
      figure(time(ms), 'a step, on the CPU');
    });
  }
  return all;
}

let stop;

form.addEventListener('submit', async event => {
  event.preventDefault();
  const chosen = Object.keys(DEVICES).filter(device => form.elements[device].checked);
  if (!chosen.length) return tell('Choose at least one of CPU and WebGPU.', 'trouble');
  [found, figures] = [new Map(), []];
  machine.replaceChildren();
  machine.hidden = true;
  for (const { ours, verdict } of cards.values()) {
    Object.values(ours).forEach(one => one.wait('waiting'));
    verdict.textContent = '';
  }
  stop = new AbortController();
  busy(true);
  const failures = [];
  const all = tasks(chosen);
  for (const [i, { sentence, work }] of all.entries()) {
    if (stop.signal.aborted) break;
    tell(`${sentence}: ${i + 1} of ${all.length}`);
    bar.value = i / all.length;
    await work(stop.signal).catch(error => stop.signal.aborted || failures.push(`${sentence}: ${error.message}`));
  }
  busy(false);
  copy.disabled = !found.size;
  if (stop.signal.aborted) tell('Stopped. What was found so far stays.');
  else if (failures.length) tell(failures.join(' '), 'trouble');
  else tell('Done. Shorter bars are faster.');
});

cancel.addEventListener('click', () => stop?.abort(new Error('stopped')));

copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(text());
    tell('Copied.');
  } catch {
    tell('This browser does not let the page copy; select the figures instead.', 'trouble');
  }
});

function busy(now) {
  const held = [run, cancel].includes(document.activeElement);
  devices.disabled = run.disabled = now;
  run.textContent = now ? 'Measuring …' : 'Measure again';
  cancel.hidden = progress.hidden = !now;
  if (held) (now ? cancel : run).focus();
}

function tell(words, tone = '') {
  say.textContent = words;
  say.dataset.tone = tone;
}

/** All figures as plain text, for a message or an issue. */
function text() {
  const lines = ['Whisker, time of one training step', navigator.userAgent, `${navigator.hardwareConcurrency} cores, ${new Date().toISOString().slice(0, 10)}`, ''];
  for (const { id } of WORKLOADS) {
    lines.push(id);
    for (const device of Object.keys(DEVICES)) {
      const result = found.get(`${id} ${device}`);
      if (result) lines.push(`  ${`here, ${DEVICES[device]}`.padEnd(24)}${time(result.ms)}`);
    }
    for (const [name, ms] of Object.entries(REFERENCE.steps[id]).sort(([, a], [, b]) => a - b)) lines.push(`  ${name.padEnd(24)}${time(ms)}  (there)`);
  }
  lines.push('', ...figures.map(([name, value, note]) => `${name}: ${value} (${note})`));
  lines.push('', `there: ${REFERENCE.machine}, ${REFERENCE.date}`);
  return lines.join('\n');
}
