#include "forger/serve.h"

#include <memory>
#include <string>

#include "commands/address_flags.h"
#include "commands/commands.h"
#include "commands/output.h"
#include "commands/stop_signal.h"
#include "commands/terminal.h"
#include "core/utf8.h"

namespace forger::commands {
namespace {

struct ServeArguments {
  std::string model, device = "auto";
  AddressFlags address{.port = ServeOptions{}.port};
  ServeOptions options;
};

int serve_command(ServeArguments arguments) {
  auto& options = arguments.options;
  options.model = arguments.model;
  options.device = arguments.device;
  options.host = arguments.address.host;
  options.port = arguments.address.port;
  options.token = token_for(arguments.address);
  const StopSignal stop;
  {
    const ModelServer server(options);
    print("serving {} at {}\n", printable(arguments.model), bold(server.link()));
    if (!options.token.empty() && arguments.address.token_file.empty()) print("token: {}\n", options.token);
    print_error("Ctrl-C ends it\n");
    StopSignal::wait();
    print_error("finishing what was accepted\n");
  }
  return 0;
}

}  // namespace

void add_serve(Program& program) {
  auto arguments = std::make_shared<ServeArguments>();
  auto* command = program.app.add_subcommand("serve", "Offer a model over HTTP, for products");
  auto& options = arguments->options;
  command->add_option("MODEL", arguments->model, "Model file, run folder, or weights of another program")->required();
  add_address_flags(*command, arguments->address, "Port; 0: any that is free");
  command->add_option("--batch-wait", options.batch_wait_ms, "Milliseconds that a request waits for others to run with")
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
  command->add_option("--queue", options.queue, "Requests that wait at most; others are told to come again")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--timeout", options.timeout_s, "Seconds that a request may take")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  command->add_option("--most-pixels", options.most_pixels, "Of an image")
      ->check(CLI::Range(1, 178'956'970))
      ->capture_default_str();
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N");
  command->callback([arguments, &program] { program.exit_code = serve_command(*arguments); });
}

}  // namespace forger::commands
