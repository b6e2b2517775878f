/** What a run has of its steps, loaded ahead and kept, so that a film does not flicker. */
export class Kept<T> {
  private static readonly most = 150;
  private readonly kept = new Map<number | "real", Promise<T>>();

  constructor(private readonly load: (step: number | "real") => Promise<T>) {}

  get(step: number | "real"): Promise<T> {
    const known = this.kept.get(step);
    if (known) return known;
    const loading = this.load(step);
    this.kept.set(step, loading);
    loading.catch(() => this.kept.delete(step));
    if (this.kept.size > Kept.most) {
      const [oldest] = this.kept.keys();
      this.kept.delete(oldest);
    }
    return loading;
  }

  /** Forgets all: other things may stand under the same steps. */
  forget() {
    this.kept.clear();
  }
}
