#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace forger {

struct WatchOptions {
  /// Each is a run folder, or holds some, also in folders of folders; may come to be later.
  std::vector<std::filesystem::path> folders;
  /// Another one than this machine's own needs a token.
  std::string host = "127.0.0.1";
  /// Where it is taken, the next free one. 0: any.
  int port = 7860;
  /// Whoever asks has to bring it; empty: nobody has to.
  std::string token;
};

/// A page about trainings, live and finished ones, and the numbers behind it (docs/http.md). It only reads run folders:
/// it works on copies, and neither slows nor breaks a training. It answers by threads of its own while it lives.
class WatchServer {
 public:
  /// Throws Error when no port is free, or where a token is missing.
  explicit WatchServer(const WatchOptions& options);
  ~WatchServer();
  WatchServer(const WatchServer&) = delete;
  WatchServer& operator=(const WatchServer&) = delete;

  /// "http://127.0.0.1:7860/", with the token where one is asked for.
  std::string link() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forger
