# Puts recipes/*.toml into the program, so that it works from any folder.
function(forger_embed_recipes target)
  file(GLOB recipes CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/recipes/*.toml)
  set(output ${PROJECT_BINARY_DIR}/generated/embedded_recipes.inc)
  set(content "")
  foreach(recipe IN LISTS recipes)
    get_filename_component(name ${recipe} NAME_WE)
    file(READ ${recipe} text)
    string(APPEND content "{\"${name}\", R\"recipe(${text})recipe\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe})
  endforeach()
  file(CONFIGURE OUTPUT ${output} CONTENT "${content}" @ONLY)

  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse --short HEAD
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT revision)
    set(revision "unknown")
  endif()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/build_constants.h @ONLY CONTENT
"#pragma once
#define FORGER_VERSION \"${PROJECT_VERSION}\"
#define FORGER_REVISION \"${revision}\"
#define FORGER_COMPILER \"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\"
#define FORGER_BUILD_TYPE \"${CMAKE_BUILD_TYPE}\"
")
endfunction()
