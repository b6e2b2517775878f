#!/usr/bin/env python3
"""Golden values for optimizer_test.cpp: three steps of torch.optim on two weights. Prints them as C++."""
import torch

GRADIENTS = [[[0.5, -1.0, 2.0], [0.25]], [[-0.5, 0.1, 0.0], [4.0]], [[1e-3, -3.0, 0.7], [-0.5]]]
OPTIMIZERS = {
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.01, betas=(0.5, 0.9), eps=1e-8),
    "rmsprop": lambda weights: torch.optim.RMSprop(weights, lr=0.01, alpha=0.9, eps=1e-8),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.01, momentum=0.5),
}
for name, make in OPTIMIZERS.items():
    weights = [torch.tensor([1.0, -2.0, 3.0], requires_grad=True), torch.tensor([0.5], requires_grad=True)]
    optimizer = make(weights)
    for gradients in GRADIENTS:
        for weight, gradient in zip(weights, gradients):
            weight.grad = torch.tensor(gradient)
        optimizer.step()
    values = [value for weight in weights for value in weight.tolist()]
    print(f'    {{"{name}", {{{", ".join(f"{value:.8f}F" for value in values)}}}}},')
