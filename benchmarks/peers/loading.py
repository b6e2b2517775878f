"""How fast a DataLoader with Pillow brings images from files to batches: loading.py DATA SIZE IMAGES WORKERS"""
import json
import sys
import time

import torch

from images import Images

size, images, workers = (int(argument) for argument in sys.argv[2:5])
loader = torch.utils.data.DataLoader(Images(sys.argv[1], size, 3), batch_size=64, shuffle=True, drop_last=True,
                                     num_workers=workers, persistent_workers=True)


def batches():
    while True:
        yield from loader


stream = batches()
next(stream)  # workers start
start = time.monotonic()
done = 0
while done < images:
    done += len(next(stream))
print(json.dumps({"images_per_second": done / (time.monotonic() - start)}))
