"""The shortest script that draws 64 images with PyTorch-GAN's generator: sample.py WEIGHTS.pt GRID.png. Without
WEIGHTS.pt it makes it first, from an untrained network: what is drawn makes no difference to the time."""
import os
import sys

import torch
from PIL import Image
from torch import nn

generator = nn.Sequential(
    nn.Linear(100, 128 * 8 * 8), nn.Unflatten(1, (128, 8, 8)), nn.BatchNorm2d(128),
    nn.Upsample(scale_factor=2), nn.Conv2d(128, 128, 3, 1, 1), nn.BatchNorm2d(128, 0.8), nn.LeakyReLU(0.2),
    nn.Upsample(scale_factor=2), nn.Conv2d(128, 64, 3, 1, 1), nn.BatchNorm2d(64, 0.8), nn.LeakyReLU(0.2),
    nn.Conv2d(64, 1, 3, 1, 1), nn.Tanh())
if not os.path.exists(sys.argv[1]):
    torch.save(generator.state_dict(), sys.argv[1])
generator.load_state_dict(torch.load(sys.argv[1], weights_only=True))
generator.eval()
with torch.no_grad():
    images = generator(torch.randn(64, 100))
grid = images.view(8, 8, 32, 32).permute(0, 2, 1, 3).reshape(256, 256)
Image.fromarray(((grid + 1) * 127.5).byte().numpy()).save(sys.argv[2])
