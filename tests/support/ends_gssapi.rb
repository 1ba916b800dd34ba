# ends_gssapi.rb: both ends of a login with Debian's ruby-gssapi, as WinRM's clients use it, again and again, with
# the garbage of each round collected. Usage: ends_gssapi.rb HOST SERVICE KEYTAB ROUNDS
require 'gssapi'

host, service, keytab, rounds = ARGV
name = refused = nil
rounds.to_i.times do
  client = GSSAPI::Simple.new(host, service)
  server = GSSAPI::Simple.new(host, service, keytab)
  server.acquire_credentials
  client.init_context(server.accept_context(client.init_context))
  raise 'altered' if server.unwrap_message(client.wrap_message('to the server')) != 'to the server'
  raise 'altered' if client.unwrap_message(server.wrap_message('to the client')) != 'to the client'
  name = server.display_name
  begin
    GSSAPI::Simple.new(host, 'nosuch').init_context
  rescue GSSAPI::GssApiError => e
    refused = e.message
  end
  GC.start
end
puts name, refused
