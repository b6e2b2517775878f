import { picture } from "./api";
import { Kept } from "./kept";

/** Pictures of samples. */
export class Pictures extends Kept<HTMLImageElement> {
  constructor(id: string) {
    super(async (step) => {
      const image = new Image();
      image.src = picture(id, step);
      await image.decode();
      return image;
    });
  }
}
