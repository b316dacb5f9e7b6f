// Reads a file of a guest by its serial line, as somebody at it would.
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { VmId } from '../../src/lib/model/ids.ts';

const BEGIN = 'here-it-begins';
const END = 'here-it-ends';
const PATIENCE = 60_000;
/** A shell that is only about to read throws away what came before. */
const AGAIN = 8_000;

/** The text of the file, whose lines end as in the guest. @throws Error when the line cannot be had or says nothing */
export async function readOnConsole(driver: Driver, vm: VmId, path: string): Promise<string> {
  const opened = await driver.console(vm, 'serial');
  if (opened.status !== 'done') throw new Error(opened.fault.message);
  const line = opened.value;
  const timer = setTimeout(() => line.destroy(new Error(`nothing of ${path} on the console`)), PATIENCE);
  let typing: NodeJS.Timeout | undefined;
  try {
    // In two halves each, so that what is typed is not taken for what is said.
    const marks = [BEGIN, END].map((mark) => `echo ${mark.slice(0, 4)}''${mark.slice(4)}`);
    const type = (): void =>
      void line.write(`\u0003\rstty -opost; ${marks[0]}; cat ${path}; ${marks[1]}; stty opost\r`);
    type();
    typing = setInterval(type, AGAIN);
    let said = '';
    const decoder = new TextDecoder();
    for await (const chunk of line as AsyncIterable<Buffer>) {
      said += decoder.decode(chunk, { stream: true });
      const end = said.indexOf(`${END}\n`);
      const begin = said.lastIndexOf(`${BEGIN}\n`, end);
      if (begin >= 0 && end > begin) return said.slice(begin + BEGIN.length + 1, end);
    }
    throw new Error(`the console ended before ${path} did`);
  } finally {
    clearTimeout(timer);
    clearInterval(typing);
    line.destroy();
  }
}
