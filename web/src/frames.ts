const frameMilliseconds = 120;

/** Shows one picture after the other, by their numbers. */
export class Frames {
  private timer = 0;

  get playing() { return this.timer !== 0; }

  play(first: number, count: number, show: (index: number) => void, end: () => void = () => {}) {
    this.stop();
    const frame = (index: number) => {
      show(index);
      this.timer = setTimeout(() => {
        this.timer = 0;
        if (index + 1 < count) frame(index + 1);
        else end();
      }, frameMilliseconds);
    };
    frame(first);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}
