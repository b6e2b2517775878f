"""DCGAN as PyTorch-GAN (eriklindernoren, implementations/dcgan) publishes it: networks, losses, optimisers, order of
turns and loop. 32x32 grey images, batches of 64, float32, eager, one loading process."""
from loop import Recorder, arguments  # first: the clock starts here

import numpy
import torch
from torch import nn

from images import Images

options = arguments(__doc__)
torch.manual_seed(options.seed)
numpy.random.seed(options.seed)
LATENT, SIZE, CHANNELS, BATCH = 100, 32, 1, 64


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = SIZE // 4
        self.linear = nn.Linear(LATENT, 128 * self.start**2)
        # 0.8 is what they pass as epsilon of the normalisation.
        self.blocks = nn.Sequential(
            nn.BatchNorm2d(128),
            nn.Upsample(scale_factor=2), nn.Conv2d(128, 128, 3, 1, 1),
            nn.BatchNorm2d(128, 0.8), nn.LeakyReLU(0.2, inplace=True),
            nn.Upsample(scale_factor=2), nn.Conv2d(128, 64, 3, 1, 1),
            nn.BatchNorm2d(64, 0.8), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(64, CHANNELS, 3, 1, 1), nn.Tanh())

    def forward(self, latent):
        return self.blocks(self.linear(latent).view(-1, 128, self.start, self.start))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        layers, before = [], CHANNELS
        for width in (16, 32, 64, 128):
            layers += [nn.Conv2d(before, width, 3, 2, 1), nn.LeakyReLU(0.2, inplace=True), nn.Dropout2d(0.25)]
            if before != CHANNELS:
                layers.append(nn.BatchNorm2d(width, 0.8))
            before = width
        self.blocks = nn.Sequential(*layers)
        self.output = nn.Sequential(nn.Linear(128 * (SIZE // 16) ** 2, 1), nn.Sigmoid())

    def forward(self, images):
        return self.output(self.blocks(images).flatten(1))


def initialize(module):
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


generator = Generator().apply(initialize).to(options.device)
discriminator = Discriminator().apply(initialize).to(options.device)
loss = nn.BCELoss()
generator_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
loader = torch.utils.data.DataLoader(Images(options.data, SIZE, CHANNELS), batch_size=BATCH, shuffle=True)


def latents(count):
    return torch.tensor(numpy.random.normal(0, 1, (count, LATENT)), dtype=torch.float32, device=options.device)


def train():
    recorder = Recorder(options)
    while True:
        for real in loader:
            recorder.batch_is_here()
            real = real.to(options.device)
            valid = torch.ones(len(real), 1, device=options.device)
            fake = torch.zeros(len(real), 1, device=options.device)

            generator_optimizer.zero_grad()
            generated = generator(latents(len(real)))
            generator_loss = loss(discriminator(generated), valid)
            generator_loss.backward()
            generator_optimizer.step()

            discriminator_optimizer.zero_grad()
            real_loss = loss(discriminator(real), valid)
            fake_loss = loss(discriminator(generated.detach()), fake)
            discriminator_loss = (real_loss + fake_loss) / 2
            discriminator_loss.backward()
            discriminator_optimizer.step()

            print(f"[D loss: {discriminator_loss.item():f}] [G loss: {generator_loss.item():f}]")
            if recorder.step_is_done():
                return recorder


recorder = train()
with torch.no_grad():  # they save what the generator makes in training mode
    recorder.save_samples(lambda count: generator(latents(count)))
