"""CycleGAN's step as its authors publish it (pytorch-CycleGAN-and-pix2pix): resnet_6blocks, discriminators of parts of 70
pixels, least squares, cycle and identity losses, image pools of 50; batches of 4, float32, eager. `data`: a folder with
trainA and trainB, whose images are in memory before the first step."""
from loop import Recorder, arguments  # first: the clock starts here

import itertools
import random

import torch
from torch import nn

from translation_networks import ResnetGenerator, batches, frozen, initialized, patch_discriminator

options = arguments(__doc__)
torch.manual_seed(options.seed)
random.seed(options.seed)
BATCH, POOL, LAMBDA, IDENTITY = 4, 50, 10, 0.5


class ImagePool:
    def __init__(self):
        self.images = []

    def query(self, images):
        shown = []
        for image in images.detach():
            image = image.unsqueeze(0)
            if len(self.images) < POOL:
                self.images.append(image)
                shown.append(image)
            elif random.uniform(0, 1) > 0.5:
                place = random.randint(0, POOL - 1)
                shown.append(self.images[place].clone())
                self.images[place] = image
            else:
                shown.append(image)
        return torch.cat(shown)


def new(network):
    return initialized(network, options.device)


generator_a, generator_b = new(ResnetGenerator(3, 3)), new(ResnetGenerator(3, 3))  # of B from A, of A from B
judge_a, judge_b = (new(patch_discriminator(3, norm=nn.InstanceNorm2d)) for _ in range(2))  # of images B, of images A
pool_a, pool_b = ImagePool(), ImagePool()
squares, difference = nn.MSELoss(), nn.L1Loss()
generator_optimizer = torch.optim.Adam(itertools.chain(generator_a.parameters(), generator_b.parameters()), lr=2e-4,
                                       betas=(0.5, 0.999))
judge_optimizer = torch.optim.Adam(itertools.chain(judge_a.parameters(), judge_b.parameters()), lr=2e-4,
                                   betas=(0.5, 0.999))


def gan_loss(logits, real):
    return squares(logits, torch.full((), float(real), device=logits.device).expand_as(logits))


def judge_loss(judge, real, fake):
    loss = (gan_loss(judge(real), True) + gan_loss(judge(fake.detach()), False)) * 0.5
    loss.backward()
    return loss


recorder = Recorder(options)
for real_a, real_b in zip(batches(options.data + "/trainA", BATCH, options.device),
                          batches(options.data + "/trainB", BATCH, options.device)):
    recorder.batch_is_here()
    fake_b = generator_a(real_a)
    back_a = generator_b(fake_b)
    fake_a = generator_b(real_b)
    back_b = generator_a(fake_a)

    frozen([judge_a, judge_b], True)
    generator_optimizer.zero_grad()
    loss = difference(generator_a(real_b), real_b) * LAMBDA * IDENTITY + difference(generator_b(real_a), real_a) * LAMBDA * IDENTITY
    loss = loss + gan_loss(judge_a(fake_b), True) + gan_loss(judge_b(fake_a), True)
    loss = loss + difference(back_a, real_a) * LAMBDA + difference(back_b, real_b) * LAMBDA
    loss.backward()
    generator_optimizer.step()

    frozen([judge_a, judge_b], False)
    judge_optimizer.zero_grad()
    losses = judge_loss(judge_a, real_b, pool_b.query(fake_b)), judge_loss(judge_b, real_a, pool_a.query(fake_a))
    judge_optimizer.step()

    print(f"[D losses: {losses[0].item():f} {losses[1].item():f}] [G loss: {loss.item():f}]")
    if recorder.step_is_done():
        break
