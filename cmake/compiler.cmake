# Warnings, sanitizers and ccache for our own code.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# -O3 only lengthens the build: the arithmetic is LibTorch's.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(forger_build_options INTERFACE)
target_compile_options(forger_build_options INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion)
# Errors with the compilers that we build with: another one's false alarm must not stop a user.
if("${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" MATCHES "^(GNU 12|Clang 14)\\.")
  target_compile_options(forger_build_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overflows in std::string's own appends that are not there (GCC bug 105651).
  target_compile_options(forger_build_options INTERFACE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
endif()
if(FORGER_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC takes twice as long to optimise its sanitizers' checks at -O2, and the arithmetic is LibTorch's.
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-Og -g1")
  endif()
  target_compile_options(forger_build_options INTERFACE
    -fsanitize=${FORGER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(forger_build_options INTERFACE -fsanitize=${FORGER_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # A precompiled header is cached only when its timestamps and defines are not compared (ccache manual, PCH).
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_DEPEND=true CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT FORGER_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()
