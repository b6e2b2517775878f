import { picture } from "./api";

/** Pictures of samples, loaded ahead and kept, so that a film does not flicker. */
export class Pictures {
  private static readonly most = 150;
  private readonly kept = new Map<number | "real", Promise<HTMLImageElement>>();

  constructor(private readonly id: string) {}

  get(step: number | "real"): Promise<HTMLImageElement> {
    const known = this.kept.get(step);
    if (known) return known;
    const loading = this.load(step);
    this.kept.set(step, loading);
    loading.catch(() => this.kept.delete(step));
    if (this.kept.size > Pictures.most) {
      const [oldest] = this.kept.keys();
      this.kept.delete(oldest);
    }
    return loading;
  }

  /** Forgets all: other pictures may stand under the same steps. */
  forget() {
    this.kept.clear();
  }

  private async load(step: number | "real"): Promise<HTMLImageElement> {
    const image = new Image();
    image.src = picture(this.id, step);
    await image.decode();
    return image;
  }
}
