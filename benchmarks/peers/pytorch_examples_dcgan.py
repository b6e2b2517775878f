"""DCGAN as the PyTorch examples (pytorch/examples, dcgan/main.py) publish it: networks, losses, optimisers, order of
turns and loop. 64x64 colour images, width 64, batches of 64, float32, eager, two loading processes. Started by torchrun,
its processes share each batch: DistributedDataParallel over Gloo, batch statistics of each process."""
from loop import Recorder, arguments  # first: the clock starts here

import os

import torch
from torch import nn

from images import Images

options = arguments(__doc__)
torch.manual_seed(options.seed)
PROCESSES = int(os.environ.get("WORLD_SIZE", 1))
LATENT, SIZE, CHANNELS, WIDTH, BATCH = 100, 64, 3, 64, 64 // PROCESSES


def make_generator():
    layers = [nn.ConvTranspose2d(LATENT, WIDTH * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(WIDTH * 8), nn.ReLU(True)]
    for factor in (4, 2, 1):
        layers += [nn.ConvTranspose2d(WIDTH * factor * 2, WIDTH * factor, 4, 2, 1, bias=False),
                   nn.BatchNorm2d(WIDTH * factor), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ConvTranspose2d(WIDTH, CHANNELS, 4, 2, 1, bias=False), nn.Tanh())


def make_discriminator():
    layers = [nn.Conv2d(CHANNELS, WIDTH, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for factor in (1, 2, 4):
        layers += [nn.Conv2d(WIDTH * factor, WIDTH * factor * 2, 4, 2, 1, bias=False),
                   nn.BatchNorm2d(WIDTH * factor * 2), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, nn.Conv2d(WIDTH * 8, 1, 4, 1, 0, bias=False), nn.Sigmoid(), nn.Flatten(0))


def initialize(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


generator = make_generator().apply(initialize).to(options.device)
discriminator = make_discriminator().apply(initialize).to(options.device)
data, sampler, alone = Images(options.data, SIZE, CHANNELS), None, discriminator
if PROCESSES > 1:
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()
    torch.manual_seed(options.seed + rank)
    options.out = f"{options.out}/{rank}"
    generator, discriminator = map(nn.parallel.DistributedDataParallel, (generator, discriminator))
    sampler = torch.utils.data.DistributedSampler(data)
criterion = nn.BCELoss()
generator_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=sampler is None, sampler=sampler, num_workers=2)


def train():
    recorder = Recorder(options)
    while True:
        for real in loader:
            recorder.batch_is_here()

            discriminator.zero_grad()
            real = real.to(options.device)
            label = torch.full((len(real),), 1.0, device=options.device)
            output = discriminator(real)
            real_loss = criterion(output, label)
            real_loss.backward()
            real_mean = output.mean().item()

            fake = generator(torch.randn(len(real), LATENT, 1, 1, device=options.device))
            label.fill_(0.0)
            output = discriminator(fake.detach())
            fake_loss = criterion(output, label)
            fake_loss.backward()
            fake_mean = output.mean().item()
            discriminator_optimizer.step()

            generator.zero_grad()
            label.fill_(1.0)
            generator_loss = criterion(alone(fake), label)  # whose gradients need not travel
            generator_loss.backward()
            generator_optimizer.step()

            print(f"Loss_D: {(real_loss + fake_loss).item():.4f} Loss_G: {generator_loss.item():.4f} "
                  f"D(x): {real_mean:.4f} D(G(z)): {fake_mean:.4f}")
            if recorder.step_is_done():
                return recorder


recorder = train()
with torch.no_grad():  # they save what the generator makes in training mode
    recorder.save_samples(lambda count: generator(torch.randn(count, LATENT, 1, 1, device=options.device)))
