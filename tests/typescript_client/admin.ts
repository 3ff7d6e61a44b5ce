// What a front end without our pages does for an admin; every path, field and word is checked by the compiler.
import createClient from "openapi-fetch";
import type { components, paths } from "./sms";

const sms = createClient<paths>({ baseUrl: "https://chat.example.com" });
const assistant = { path: { assistant_id: "ast_support" } };

export type State = components["schemas"]["StateOut"]["state"];

export async function card(): Promise<State> {
  const { data, error } = await sms.GET("/api/sms/state/{assistant_id}", { params: assistant });
  if (error) throw new Error(error.error);
  return data.state;
}

export async function connect(accountSid: string, authToken: string, phoneNumber: string): Promise<string> {
  const body = { accountSid, authToken, phoneNumber };
  const tested = await sms.POST("/api/sms/config/{assistant_id}/test", { params: assistant, body });
  if (!tested.data?.works) return tested.data?.findings[0]?.do ?? "Try again.";
  const saved = await sms.PUT("/api/sms/config/{assistant_id}", { params: assistant, body });
  if (saved.error) return Object.values(saved.error.details ?? {})[0] ?? saved.error.error;
  const webhook = await sms.POST("/api/sms/config/{assistant_id}/webhook", { params: assistant, body: {} });
  return webhook.error?.error ?? saved.data.stateText;
}

export async function decide(): Promise<void> {
  const waiting = await sms.GET("/api/sms/sessions/{assistant_id}", {
    params: { ...assistant, query: { show: "decision", limit: 10 } },
  });
  for (const session of waiting.data?.data ?? []) {
    const path = { ...assistant.path, session_id: session.id };
    const texts = await sms.GET("/api/sms/sessions/{assistant_id}/{session_id}/messages", { params: { path } });
    for (const text of texts.data?.data ?? []) {
      const one = { params: { path: { ...path, message_id: text.id } } };
      if (text.actions.includes("resend")) {
        await sms.POST("/api/sms/sessions/{assistant_id}/{session_id}/messages/{message_id}/resend", one);
      }
    }
  }
}

export async function forget(session_id: string): Promise<number> {
  const params = { path: { ...assistant.path, session_id } };
  const said = { action: "opt_out", evidence: "asked by phone on 3 May" } as const;
  await sms.POST("/api/sms/sessions/{assistant_id}/{session_id}/consent", { params, body: said });
  const erased = await sms.DELETE("/api/sms/sessions/{assistant_id}/{session_id}", { params });
  return erased.data?.texts ?? 0;
}

export async function lookBack(): Promise<string[]> {
  const { data } = await sms.GET("/api/sms/config/{assistant_id}/audit", { params: assistant });
  return (data?.data ?? []).map((entry) => `${entry.personName} ${entry.action} ${entry.at}`);
}
