# cmake -DOUTPUT=FILE.inc -DFILES=a;b -P embed_files.cmake: data files as initialisers of `forger::Embedded`, by their names.
set(content "")
foreach(path IN LISTS FILES)
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(APPEND content "{\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${content}")
