// peer_grpc: gRPC C++, unary calls; the server is the synchronous one, the client waits or uses a completion queue.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"
#include "peer.h"

namespace {

class Service final : public peer::Echo::Service {
	grpc::Status Call(grpc::ServerContext *, const peer::Bytes *request, peer::Bytes *reply) override
	{
		reply->set_body(request->body());
		return grpc::Status::OK;
	}
};

struct Call {
	grpc::ClientContext context;
	peer::Bytes reply;
	grpc::Status status;
	std::unique_ptr<grpc::ClientAsyncResponseReader<peer::Bytes>> reader;
	unsigned place = 0;
};

void Check(struct peer_run *r, unsigned place, const grpc::Status &status, const peer::Bytes &reply)
{
	if (!status.ok())
		peer_die("grpc", status.error_message().c_str());
	peer_answered(r, place, reply.body().data(), reply.body().size());
}

void RunOne(struct peer_run *r, peer::Echo::Stub *stub)
{
	while (const void *body = peer_start(r, 0)) {
		grpc::ClientContext context;
		peer::Bytes request;
		peer::Bytes reply;

		request.set_body(body, r->size);
		Check(r, 0, stub->Call(&context, request, &reply), reply);
	}
}

// False: no more are started.
bool Start(struct peer_run *r, peer::Echo::Stub *stub, grpc::CompletionQueue *queue, unsigned place)
{
	const void *body = peer_start(r, place);
	peer::Bytes request;

	if (!body)
		return false;
	auto *call = new Call;
	call->place = place;
	request.set_body(body, r->size);
	call->reader = stub->AsyncCall(&call->context, request, queue);
	call->reader->Finish(&call->reply, &call->status, call);
	return true;
}

void RunFlight(struct peer_run *r, peer::Echo::Stub *stub)
{
	grpc::CompletionQueue queue;
	unsigned open = 0;
	void *tag;
	bool ok;

	for (unsigned i = 0; i < r->flight; i++)
		open += Start(r, stub, &queue, i);
	while (open > 0 && queue.Next(&tag, &ok)) {
		std::unique_ptr<Call> call(static_cast<Call *>(tag));

		Check(r, call->place, call->status, call->reply);
		open--;
		open += Start(r, stub, &queue, call->place);
	}
}

} // namespace

void peer_serve(const char *path)
{
	Service service;
	grpc::ServerBuilder builder;

	builder.AddListeningPort(std::string("unix:") + path, grpc::InsecureServerCredentials());
	builder.SetMaxReceiveMessageSize(-1);
	builder.RegisterService(&service);
	std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
	if (!server)
		peer_die("grpc", "the server does not start");
	server->Wait();
}

void peer_load(struct peer_run *r)
{
	grpc::ChannelArguments arguments;

	arguments.SetMaxReceiveMessageSize(-1);
	auto channel = grpc::CreateCustomChannel(std::string("unix:") + r->path, grpc::InsecureChannelCredentials(),
						 arguments);
	if (!channel->WaitForConnected(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(10, GPR_TIMESPAN))))
		peer_die("grpc", "no connection");
	auto stub = peer::Echo::NewStub(channel);
	peer_begin(r);
	if (r->flight == 1)
		RunOne(r, stub.get());
	else
		RunFlight(r, stub.get());
}
