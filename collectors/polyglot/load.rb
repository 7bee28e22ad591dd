# The load of this machine, the same as collectors/host.py says: ruby load.rb [SECONDS [COUNT]]
# Needs bunny (Debian: ruby-bunny; elsewhere: gem install bunny).
require "bunny"
require "etc"
require "json"
require "logger"
require "socket"
require "time"

every, left = Float(ARGV[0] || 1), Float(ARGV[1] || Float::INFINITY)
scope, source = ENV["MINERLIB_SCOPE"] || "local.lab.dev", ENV["MINERLIB_SOURCE"] || Socket.gethostname
key = "#{scope}.#{source.tr(".", "/")}.load.average" # a dot would begin the next word of the key
quiet = Logger.new(File::NULL) # it logs what we say below
begin
  url = ENV.fetch("MINERLIB_BROKER_URL").chomp("/")
  broker = Bunny.new(url, verify_peer: true, automatically_recover: false, logger: quiet)
rescue KeyError, ArgumentError, URI::Error
  abort "load.rb: MINERLIB_BROKER_URL has to be the AMQP URL of a broker, as in amqp://me:secret@rabbit:5672/"
end

begin
  broker.start
  channel = broker.create_channel
  channel.confirm_select
  events, returned = channel.topic("events", durable: true, passive: true), false
  events.on_return { returned = true }
  loop do
    one, five, fifteen = File.read("/proc/loadavg").split.map(&:to_f)
    load = { "1m" => one, "5m" => five, "15m" => fifteen, "cores" => Etc.nprocessors }
    body = JSON.generate({ "time" => Time.now.utc.iso8601(6), **load })
    events.publish(body, routing_key: key, persistent: true, mandatory: true)
    raise "it did not keep an event" if !channel.wait_for_confirms || returned
    break if (left -= 1) <= 0
    sleep every
  end
  broker.close
rescue Interrupt # whatever was published is confirmed
rescue Bunny::Exception, OpenSSL::SSL::SSLError, SystemCallError, RuntimeError => error
  abort "load.rb: the broker at #{broker.host}:#{broker.port} cannot be used: #{error.message}"
end
