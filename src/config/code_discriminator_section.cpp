#include "config/autoencoding_section.h"

#include "config/player_options.h"

namespace forger {

Section code_discriminator_section() {
  return {"code_discriminator",
          player_options<&Config::code_discriminator>(
              "code_discriminator",
              {
                  {"code_discriminator.width", place<&Config::code_discriminator, &CodeDiscriminatorOptions::width>,
                   range(1, 8192), "Numbers in a hidden layer of the perceptron that judges codes."},
                  {"code_discriminator.depth", place<&Config::code_discriminator, &CodeDiscriminatorOptions::depth>,
                   range(1, 12), "Its hidden layers."},
              })};
}

}  // namespace forger
