// Prints what a URL answers, asked once or as often as is said.
const [, , url, times = '1'] = process.argv;
for (let time = 0; time < Number(times); time++) {
  const response = await fetch(url);
  process.stdout.write(`${String(response.status)} ${await response.text()}`);
}
