/** What messages add up to in the gateway's answers. */
import type { ModelKey } from '../../compute/digest.ts';
import { ERRORS, type Figures, MESSAGES, TOOL_CALLS, TOOL_RESULTS } from '../../compute/figures.ts';

/** As answers have it: its members and their order are those of the gateway. */
export class MessageSum {
  total = 0;
  user = 0;
  assistant = 0;
  toolCalls = 0;
  toolResults = 0;
  errors = 0;

  addCell(figures: Figures, { role }: ModelKey): void {
    const messages = figures[MESSAGES] as number;
    this.total += messages;
    if (role === 'user') this.user += messages;
    else this.assistant += messages;
    this.toolCalls += figures[TOOL_CALLS] as number;
    this.toolResults += figures[TOOL_RESULTS] as number;
    this.errors += figures[ERRORS] as number;
  }

  add(other: MessageSum): void {
    this.total += other.total;
    this.user += other.user;
    this.assistant += other.assistant;
    this.toolCalls += other.toolCalls;
    this.toolResults += other.toolResults;
    this.errors += other.errors;
  }
}
