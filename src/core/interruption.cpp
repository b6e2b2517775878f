#include "core/interruption.h"

#include <utility>

#include "forger/interruption.h"

namespace forger {
namespace {

thread_local const std::function<bool()>* asked = nullptr;

}  // namespace

Interruption::Interruption(std::function<bool()> goes_on)
    : goes_on_(std::move(goes_on)), outer_(std::exchange(asked, &goes_on_)) {}

Interruption::~Interruption() { asked = outer_; }

void go_on_unless_interrupted() {
  if (asked && !(*asked)()) throw Interrupted();
}

}  // namespace forger
