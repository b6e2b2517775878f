#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace forger {

struct ServeOptions {
  /// A model file, a run folder, or weights as `import_weights` takes them.
  std::filesystem::path model;
  /// "auto", "cpu", "cuda" or "cuda:N".
  std::string device = "auto";
  /// Another one than this machine's own needs a token.
  std::string host = "127.0.0.1";
  /// 0: any that is free.
  int port = 7861;
  /// Whoever asks has to bring it; empty: nobody has to.
  std::string token;
  /// How long a request waits for others to run with, in milliseconds; one that comes alone does not wait.
  double batch_wait_ms = 2;
  /// Requests that wait at most; others are told to come again later.
  int64_t queue = 256;
  /// How long a request may take, in seconds.
  double timeout_s = 30;
  /// Of a request's body, in bytes, and of an image, in pixels.
  int64_t most_bytes = 32 << 20;
  int64_t most_pixels = 40'000'000;
};

/// One model over HTTP, for products (docs/http.md): requests that come together run together. It answers by threads of
/// its own while it lives, and finishes what it has accepted before it ends.
class ModelServer {
 public:
  /// Throws Error where the model cannot be loaded, the port is taken, or a token is missing.
  explicit ModelServer(const ServeOptions& options);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  /// "http://127.0.0.1:7861/".
  std::string link() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forger
