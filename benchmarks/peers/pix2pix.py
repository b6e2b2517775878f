"""pix2pix's step as its authors publish it (pytorch-CycleGAN-and-pix2pix): unet_256 with batch normalisation and dropout, a
discriminator of parts of 70 pixels, cross entropy and 100 times L1; batches of 1, float32, eager. `data`: a folder with A
and B, whose images are in memory before the first step."""
from loop import Recorder, arguments  # first: the clock starts here

import torch
from torch import nn

from translation_networks import frozen, images, initialized, patch_discriminator, unet_generator

options = arguments(__doc__)
torch.manual_seed(options.seed)
LAMBDA = 100

generator = initialized(unet_generator(3, 3), options.device)
judge = initialized(patch_discriminator(6), options.device)
cross_entropy, difference = nn.BCEWithLogitsLoss(), nn.L1Loss()
generator_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
judge_optimizer = torch.optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999))
sources, truths = images(options.data + "/A"), images(options.data + "/B")


def gan_loss(logits, real):
    return cross_entropy(logits, torch.full((), float(real), device=logits.device).expand_as(logits))


recorder = Recorder(options)
while True:
    item = torch.randint(len(sources), (1,))
    real_a, real_b = sources[item].to(options.device), truths[item].to(options.device)
    recorder.batch_is_here()
    fake_b = generator(real_a)

    frozen([judge], False)
    judge_optimizer.zero_grad()
    judge_loss = (gan_loss(judge(torch.cat((real_a, fake_b), 1).detach()), False) +
                  gan_loss(judge(torch.cat((real_a, real_b), 1)), True)) * 0.5
    judge_loss.backward()
    judge_optimizer.step()

    frozen([judge], True)
    generator_optimizer.zero_grad()
    loss = gan_loss(judge(torch.cat((real_a, fake_b), 1)), True) + difference(fake_b, real_b) * LAMBDA
    loss.backward()
    generator_optimizer.step()

    print(f"[D loss: {judge_loss.item():f}] [G loss: {loss.item():f}]")
    if recorder.step_is_done():
        break
